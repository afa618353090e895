import { DAY_MS, HOUR_MS, MINUTE_MS } from '#lib/clock'

const FIRST_MS = 5 * MINUTE_MS
const LONGEST_MS = 4 * HOUR_MS
/** RFC 5321 4.5.4.1: give up after four to five days at the least. */
const GIVE_UP_MS = 5 * DAY_MS
/** RFC 3461 4.1 leaves open when mail is late; people notice after an afternoon. */
const LATE_MS = 4 * HOUR_MS

export interface Waiting {
  queuedAt: Date
  /** null: five days after it was queued */
  expiresAt?: Date | null
}

/** When a message is given up. */
export const givenUpAt = ({ queuedAt, expiresAt }: Waiting): Date =>
  expiresAt ?? new Date(queuedAt.getTime() + GIVE_UP_MS)

/** Has it waited so long that its sender should know? Counted from when it was first due. */
export const isLate = (one: Waiting, now: Date): boolean =>
  now.getTime() >= givenUpAt(one).getTime() - GIVE_UP_MS + LATE_MS

/**
 * When to try again after a failed attempt, or null when it is time to give up. Doubles from 5 minutes to 4 hours, give
 * or take a fifth, so that what failed together does not come back together. `attempts` counts those before this one;
 * `random` is in [0, 1).
 */
export function nextAttempt(options: Waiting & { attempts: number; now: Date; random: number }): Date | null {
  const nowMs = options.now.getTime()
  const giveUpMs = givenUpAt(options).getTime()
  if (nowMs >= giveUpMs) return null
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(options.attempts, 20))
  // One last attempt at the very end rather than giving up hours early.
  return new Date(Math.min(giveUpMs, nowMs + Math.round(base * (0.8 + 0.4 * options.random))))
}
