import { LIMITS } from '#lib/limits'
import { firstValue, type Header, readHeader, trimBytes } from '../header'
import { paramOf, parseStructured, type Structured } from './params'

/** One MIME part, as spans of the message's bytes: nothing is copied and nothing decoded. */
export interface Part {
  /** Lower case; `text/plain` where the message does not say (RFC 2045 5.2) */
  type: string
  subtype: string
  contentType: Structured
  /** Lower case, `7bit` by default */
  encoding: string
  disposition: Structured | null
  header: Header
  /** Offsets into the message: header [start, bodyStart), body [bodyStart, end) */
  start: number
  bodyStart: number
  end: number
  /** Parts of a multipart, empty otherwise */
  children: Part[]
  /** The message inside message/rfc822 or message/global */
  message: Part | null
}

/** What one message may still cost; what does not fit is left opaque. */
interface Budget {
  parts: number
  /** Bytes that may yet be searched: each level of nesting searches its own region, so depth multiplies (P-01, P-02). */
  bytes: number
  /** Lines that look like a boundary and are none (P-08). */
  misses: number
}

const SCAN_FACTOR = 12
const SCAN_BYTES_LEAST = 1024 * 1024
const MISSES_MOST = 20_000
/** RFC 2046 5.1.1 allows 70; some software writes more. */
const BOUNDARY_BYTES = 200

/**
 * The MIME structure of a message. Never throws: beyond `LIMITS.mimeParts` and `LIMITS.mimeDepth` a part is opaque
 * (application/octet-stream), a multipart without a boundary that occurs is text/plain.
 * Sections of FETCH BODY[1.2] are the spans of this tree, so they always agree with BODYSTRUCTURE.
 */
export function parseMessage(raw: Buffer): Part {
  const budget = {
    parts: LIMITS.mimeParts,
    bytes: raw.length * SCAN_FACTOR + SCAN_BYTES_LEAST,
    misses: MISSES_MOST,
  }
  return parsePart(raw, 0, raw.length, 0, 'text/plain', budget)
}

function parsePart(raw: Buffer, start: number, end: number, depth: number, byDefault: string, budget: Budget): Part {
  const header = readHeader(raw, start, end)
  const declared = firstValue(header, 'content-type')
  const contentType = parseStructured(declared ?? '')
  const [type, subtype] = typeOf(declared === undefined ? byDefault : contentType.value)
  const disposition = firstValue(header, 'content-disposition')
  const part: Part = {
    type,
    subtype,
    contentType,
    encoding: parseStructured(firstValue(header, 'content-transfer-encoding') ?? '').value || '7bit',
    disposition: disposition === undefined ? null : parseStructured(disposition),
    header,
    start,
    bodyStart: header.bodyStart,
    end,
    children: [],
    message: null,
  }
  if (type === 'multipart') splitMultipart(raw, part, depth, budget)
  else if (type === 'message' && (subtype === 'rfc822' || subtype === 'global')) openMessage(raw, part, depth, budget)
  return part
}

const TOKEN = /^[!#$&'*+.^_`{|}~a-z0-9-]{1,127}$/

function typeOf(value: string): [string, string] {
  const slash = value.indexOf('/')
  const type = value.slice(0, slash)
  const subtype = value.slice(slash + 1)
  return slash > 0 && TOKEN.test(type) && TOKEN.test(subtype) ? [type, subtype] : ['text', 'plain']
}

function opaque(part: Part): void {
  part.type = 'application'
  part.subtype = 'octet-stream'
}

function spend(budget: Budget, bytes: number, depth: number): boolean {
  if (depth >= LIMITS.mimeDepth || budget.parts <= 0 || budget.bytes < bytes) return false
  budget.bytes -= bytes
  return true
}

function openMessage(raw: Buffer, part: Part, depth: number, budget: Budget): void {
  if (!spend(budget, part.end - part.bodyStart, depth)) {
    opaque(part)
    return
  }
  budget.parts--
  part.message = parsePart(raw, part.bodyStart, part.end, depth + 1, 'text/plain', budget)
}

function splitMultipart(raw: Buffer, part: Part, depth: number, budget: Budget): void {
  const boundary = trimBytes(paramOf(part.contentType, 'boundary') ?? '')
  if (!boundary || boundary.length > BOUNDARY_BYTES) {
    asText(part)
    return
  }
  if (!spend(budget, part.end - part.bodyStart, depth)) {
    opaque(part)
    return
  }
  const byDefault = part.subtype === 'digest' ? 'message/rfc822' : 'text/plain'
  const spans = findSpans(raw, part.bodyStart, part.end, boundary, budget)
  // Taken before any child is read, or each level of nesting would grant itself what its siblings have used.
  budget.parts -= spans.length
  for (const [start, end] of spans) part.children.push(parsePart(raw, start, end, depth + 1, byDefault, budget))
  if (part.children.length === 0) asText(part)
}

/** A multipart that has no parts is shown as the text it is, so that nothing a stranger sent is hidden. */
function asText(part: Part): void {
  part.type = 'text'
  part.subtype = 'plain'
}

/**
 * The parts between the lines `--boundary` (RFC 2046 5.1.1); the line break before such a line belongs to it.
 * Once the budget is used up, the last part takes in all the rest.
 */
function findSpans(raw: Buffer, from: number, to: number, boundary: string, budget: Budget): [number, number][] {
  const region = raw.subarray(0, to)
  const needle = Buffer.from(`\n--${boundary}`, 'latin1')
  const spans: [number, number][] = []
  let open = -1
  // The first boundary line may be the first line of the body, its line break being that of the header's end.
  let at = Math.max(from - 1, 0)
  for (;;) {
    const hit = budget.misses > 0 ? region.indexOf(needle, at) : -1
    if (hit < 0) break
    const line = readBoundaryLine(raw, hit + needle.length, to)
    if (!line) {
      budget.misses--
      at = hit + 1
      continue
    }
    if (open >= 0) spans.push([open, Math.max(open, raw[hit - 1] === 13 ? hit - 1 : hit)])
    open = line.closes ? -1 : line.next
    if (line.closes) break
    if (spans.length + 1 >= budget.parts) break
    at = line.next - 1
  }
  if (open >= 0) spans.push([open, to])
  return spans
}

/** What follows `--boundary`: `--`, or white space up to the line's end. Null when the line is another, longer word. */
function readBoundaryLine(raw: Buffer, from: number, to: number): { closes: boolean; next: number } | null {
  if (raw[from] === 0x2d && raw[from + 1] === 0x2d && from + 1 < to) return { closes: true, next: to }
  let i = from
  while (i < to && (raw[i] === 32 || raw[i] === 9 || raw[i] === 13)) i++
  if (i >= to) return { closes: false, next: to }
  return raw[i] === 10 ? { closes: false, next: i + 1 } : null
}

/** The parts that hold content of their own, in order: not multiparts, and the inside of enclosed messages. */
export function* leavesOf(part: Part): Generator<Part> {
  if (part.message) yield* leavesOf(part.message)
  else if (part.children.length > 0) for (const child of part.children) yield* leavesOf(child)
  else yield part
}

/** The part that an IMAP section number such as "2.1" names (RFC 9051 6.4.5.1), or null. */
export function partAt(root: Part, path: readonly number[]): Part | null {
  let part = root
  // Numbers count inside a multipart, or inside the message that a message/rfc822 part encloses; a message that is no
  // multipart has one part, number 1: its own body.
  let message: Part | null = root
  for (const number of path) {
    const inside: Part = message ?? part
    const next: Part | undefined =
      inside.children.length > 0 ? inside.children[number - 1] : message && number === 1 ? message : undefined
    if (!next) return null
    part = next
    message = next.message
  }
  return part
}
