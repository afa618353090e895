import { formatDate } from '#mailcore/proto/date'

export interface ReportMail {
  kind: 'dmarc' | 'tls'
  /** Domain that the report is about */
  domain: string
  /** Domain of ours that sends it, and signs it */
  ownDomain: string
  /** Our host's name, as who reports */
  submitter: string
  reportId: string
  recipient: string
  beginAt: Date
  endAt: Date
  now: Date
  /** The report, gzipped */
  packed: Buffer
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)

/**
 * The message that carries a report: RFC 7489 7.2.1.1 for its subject and the name of its file, RFC 8460 section 5.3 for those of TLS and their fields. It says
 * `TLS-Required: No` (RFC 8689 section 5): a report on broken TLS must not be held up by it.
 */
export function composeReport(mail: ReportMail): Buffer {
  const { kind, domain, submitter, reportId } = mail
  const boundary = `=_${reportId.replace(/[^A-Za-z0-9]/g, '')}`
  const isTls = kind === 'tls'
  const extension = isTls ? 'json.gz' : 'xml.gz'
  const file = `${submitter}!${domain}!${seconds(mail.beginAt)}!${seconds(mail.endAt)}!${reportId}.${extension}`
  const type = isTls ? 'application/tlsrpt+gzip' : 'application/gzip'
  const lines = [
    `From: <${kind}-reports@${mail.ownDomain}>`,
    `To: <${mail.recipient}>`,
    `Subject: Report Domain: ${domain}`,
    ` Submitter: ${submitter}`,
    ` Report-ID: <${reportId}>`,
    `Date: ${formatDate(mail.now)}`,
    `Message-ID: <${reportId}@${mail.ownDomain}>`,
    'Auto-Submitted: auto-generated',
    ...(isTls ? [`TLS-Report-Domain: ${domain}`, `TLS-Report-Submitter: ${submitter}`, 'TLS-Required: No'] : []),
    'MIME-Version: 1.0',
    isTls
      ? `Content-Type: multipart/report; report-type="tlsrpt";\r\n boundary="${boundary}"`
      : `Content-Type: multipart/mixed;\r\n boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    isTls
      ? `This is a report by ${submitter} on TLS to the mail servers of ${domain}`
      : `This is a report by ${submitter} on mail with an author at ${domain}`,
    `from ${mail.beginAt.toISOString().slice(0, 10)}, as its DNS asks for.`,
    '',
    `--${boundary}`,
    `Content-Type: ${type};\r\n name="${file}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment;\r\n filename="${file}"`,
    '',
    mail.packed.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n'),
    `--${boundary}--`,
    '',
  ]
  return Buffer.from(lines.join('\r\n'))
}
