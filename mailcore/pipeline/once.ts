import { createHash } from 'node:crypto'
import { type Clock, HOUR_MS } from '#lib/clock'
import { keyedHash, sha256 } from '#lib/crypto/hash'
import type { Incoming } from '#mailcore/ports'
import { firstValue, type Header } from '#mailcore/proto/header'

/** Remembers which half of a submission is done, so that a retry does only the other. */
export interface HalfDone {
  /** Runs what has not been done for `key` yet, in order; on a failure remembers what succeeded and throws. */
  run(key: () => string, steps: readonly (() => Promise<unknown>)[]): Promise<void>
}

const KEPT_MS = HOUR_MS
const KEPT_MOST = 10_000

/**
 * A submission to people here and elsewhere commits twice: in the mailboxes and in the queue. When the second fails, the
 * client hears 451 and sends again; without this, the people of the first half would get the message again each time.
 * Kept in memory: a restart in between costs at most one repeat, with the same Message-ID (RFC 5321 4.5.4.1 accepts
 * repeats, never losses).
 */
export function createHalfDone(clock: Clock): HalfDone {
  const done = new Map<string, { steps: Set<number>; untilMs: number }>()
  return {
    async run(key, steps) {
      const nowMs = clock.now().getTime()
      for (const [name, entry] of done) {
        if (entry.untilMs > nowMs && done.size < KEPT_MOST) break
        done.delete(name)
      }
      // The key costs a hash of the message: made only when something is remembered, or has to be.
      const before = done.size > 0 ? done.get(key())?.steps : undefined
      const completed = new Set(before)
      for (const [index, step] of steps.entries()) {
        if (completed.has(index)) continue
        try {
          await step()
          completed.add(index)
        } catch (error) {
          if (completed.size > 0) done.set(key(), { steps: completed, untilMs: nowMs + KEPT_MS })
          throw error
        }
      }
      if (before) done.delete(key())
    },
  }
}

/** A name for one submission: who, to whom, and the bytes that were handed in. */
export function submissionKey(accountId: string, sender: string, recipients: readonly string[], raw: Buffer): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([accountId, sender, [...recipients].sort()]))
    .update(raw)
  return hash.digest('base64')
}

/**
 * What a message is known by when it is sent again, with the same bytes and the same words `about` it (the sender; for a submission the account and its
 * recipients too), by who did not hear our 250 (RFC 1047). Without a Message-ID two equal messages may be meant as two.
 */
export function onceKeyOf(
  key: Buffer,
  about: readonly string[],
  header: Header,
  message: Buffer,
): Pick<Incoming, 'onceKey'> {
  const messageId = firstValue(header, 'message-id')
  if (!messageId) return {}
  return { onceKey: keyedHash(key, 'once', JSON.stringify([...about, messageId, sha256(message).toString('base64')])) }
}
