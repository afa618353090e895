import { DAY_MS, HOUR_MS, MINUTE_MS } from '#lib/clock'

const FIRST_MS = 5 * MINUTE_MS
const LONGEST_MS = 4 * HOUR_MS
/** RFC 5321 4.5.4.1: give up after four to five days at the least. */
const GIVE_UP_MS = 5 * DAY_MS

/**
 * When to try again after a failed attempt, or null when it is time to give up. Doubles from 5 minutes to 4 hours, give
 * or take a fifth, so that what failed together does not come back together. `attempts` counts those before this one;
 * `random` is in [0, 1).
 */
export function nextAttempt(options: { queuedAt: Date; attempts: number; now: Date; random: number }): Date | null {
  const nowMs = options.now.getTime()
  const giveUpMs = options.queuedAt.getTime() + GIVE_UP_MS
  if (nowMs >= giveUpMs) return null
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(options.attempts, 20))
  // One last attempt at the very end rather than giving up hours early.
  return new Date(Math.min(giveUpMs, nowMs + Math.round(base * (0.8 + 0.4 * options.random))))
}
