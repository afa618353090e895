import { decodeBody } from '#mailcore/proto/mime/decode'
import { partAt } from '#mailcore/proto/mime/parse'
import { type Opened, rootOf } from './section'

const KNOWN: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable'])

/**
 * A part with its transfer encoding undone (RFC 9051 6.4.5, RFC 3516 4.3), or the whole message as it is; null where there is no such part,
 * 'unknown' for an encoding nobody knows.
 */
export function binaryOf(message: Opened, path: readonly number[]): Buffer | null | 'unknown' {
  if (path.length === 0) return message.raw
  const part = partAt(rootOf(message), path)
  if (!part) return null
  if (!KNOWN.has(part.encoding)) return 'unknown'
  const bytes = message.raw.subarray(part.bodyStart, part.end)
  // RFC 2045 6.4: what is made of parts has no encoding of its own, whatever it claims.
  return part.children.length > 0 || part.message ? bytes : decodeBody(bytes, part.encoding)
}
