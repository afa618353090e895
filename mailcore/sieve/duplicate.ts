import { createHash } from 'node:crypto'
import { type Frame, tagNumber, tagText } from './context'
import { SIEVE_LIMITS } from './limits'
import type { Node } from './program'

/** SHA-256 of a list of strings, so that what is remembered tells nothing of the message. */
export const digestOf = (texts: readonly (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('base64url')

/**
 * RFC 7352 3. A message without the identifier asked for is never a duplicate and is not remembered. The handle keeps
 * apart what different tests track; header and `:uniqueid` share one space under it.
 */
export async function isDuplicate(frame: Frame, node: Node): Promise<boolean> {
  const { run } = frame
  const header = tagText(frame, node, ':header')
  const id = tagText(frame, node, ':uniqueid') ?? run.message.values(header ?? 'message-id')[0] ?? ''
  if (id === '') return false
  const key = digestOf(['duplicate', tagText(frame, node, ':handle') ?? '', id])
  const known = run.duplicates.get(key)
  if (known !== undefined) return known
  const { initially, most } = SIEVE_LIMITS.duplicateSeconds
  const seconds = Math.min(tagNumber(node, ':seconds') ?? initially, most)
  const seen = await run.env.seenDuplicate(key, seconds, node.tags.has(':last'))
  run.duplicates.set(key, seen)
  return seen
}
