/** Ceilings for reports that strangers send us (reliability S-15), each with its reason. */
export const REPORT_LIMITS = {
  /** A message with a report: the attachment below in base64, and room for text. */
  messageBytes: 15 * 1024 * 1024,
  /** The attachment as it came. Senders cut reports at 10 MB themselves (RFC 7489 6.2 `!10m`). */
  packedBytes: 10 * 1024 * 1024,
  /** An XML report unpacked: 100,000 records need some 20 MB. */
  xmlBytes: 25 * 1024 * 1024,
  /** A JSON report unpacked: it is parsed in one go, and 4 MB take well under 100 ms. Counts by policy and failure need a few KB. */
  jsonBytes: 4 * 1024 * 1024,
  /** Unpacked bytes for one packed byte. Reports come at 10 to 40; deflate can do 1,032. */
  ratio: 200,
  /** Below it the ratio says nothing. */
  ratioFromBytes: 256 * 1024,
  /** Packed bytes between two looks at the clock: at most 528 KB come out of them. */
  sliceBytes: 512,
  /** Work on one report between two turns of the event loop. */
  sliceMs: 20,
  records: 100_000,
  elements: 4_000_000,
  /** RFC 7489 appendix C is six deep, RFC 8460 section 4.4 five. */
  depth: 12,
  attributes: 16,
  /** Characters kept of any one text. */
  textChars: 512,
  /** Sources kept of one report, those with most mail first; the rest is one sum. */
  rows: 1_000,
  /** Findings of DKIM kept for one source. */
  signatures: 3,
  /** Failure kinds kept of one TLS report. */
  failures: 500,
  /** Reports taken for one domain in a day: some hundred organisations send any at all. */
  perDomainAndDay: 500,
  /** A report is about a day of late; older ones are somebody's mistake or game. */
  oldestDays: 40,
} as const
