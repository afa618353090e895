import { decodeBody } from '#mailcore/proto/mime/decode'
import { leavesOf, type Part, parseMessage } from '#mailcore/proto/mime/parse'
import { attachmentName } from '#mailcore/proto/mime/text'
import { REPORT_LIMITS } from './limits'
import { unfit } from './refusal'

/** A report as it was attached: how it is packed, told by its own first bytes and never by its name. */
export interface Attached {
  packing: 'zip' | 'gzip' | 'none'
  bytes: Buffer
}

const TYPES =
  /^(application\/(zip|gzip|x-gzip|x-zip|x-zip-compressed|xml|json|tlsrpt\+json|tlsrpt\+gzip|octet-stream)|text\/xml)$/
const NAMES = /\.(xml|xml\.gz|json|json\.gz|zip|gz)$/i

const ZIP = Buffer.from('PK\x03\x04', 'latin1')

/**
 * The report in a message: the first part of a type or name that reports have (RFC 7489 7.2.1.1, RFC 8460 5.3). Throws a refusal where there is
 * none, or where it is too large.
 */
export function findAttachment(raw: Buffer): Attached {
  if (raw.length > REPORT_LIMITS.messageBytes) throw unfit('too-large')
  const part = [...leavesOf(parseMessage(raw))].find(isReport)
  if (!part) throw unfit('no-report')
  const bytes = decodeBody(raw.subarray(part.bodyStart, part.end), part.encoding)
  if (bytes.length > REPORT_LIMITS.packedBytes) throw unfit('too-large')
  return { packing: packingOf(bytes), bytes }
}

function isReport(part: Part): boolean {
  const type = `${part.type}/${part.subtype}`
  return TYPES.test(type) || (type !== 'text/plain' && NAMES.test(attachmentName(part) ?? ''))
}

/** What the bytes begin with: a ZIP entry, a gzip member (RFC 1952 2.3.1), or neither. */
export function packingOf(bytes: Uint8Array): Attached['packing'] {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  return ZIP.every((byte, i) => bytes[i] === byte) ? 'zip' : 'none'
}
