import type { Clock } from '#lib/clock'

/** Keys remembered at once: a flood from 100,000 networks costs about 10 MB, and no more. */
const KEYS_MOST = 100_000

export interface Rate {
  /** Counts one event for `key`; false when that is more than the limit within the window. */
  take(key: string): boolean
}

/**
 * A sliding window over two fixed ones: the estimate is this window's count and the part of the last one that still
 * overlaps. Exact enough for a ceiling, and it needs two numbers a key and no timers.
 */
export function createRate(options: { limit: number; windowMs: number; clock: Clock }): Rate {
  let current = new Map<string, number>()
  let previous = new Map<string, number>()
  let startedMs = options.clock.now().getTime()
  const turn = (nowMs: number) => {
    // A clock set back starts a new window too, or nothing would be let in until it has caught up.
    const passed = nowMs - startedMs
    if (passed >= 0 && passed < options.windowMs) return
    previous = passed >= options.windowMs && passed < 2 * options.windowMs ? current : new Map()
    current = new Map()
    startedMs = passed >= options.windowMs && passed < 2 * options.windowMs ? startedMs + options.windowMs : nowMs
  }
  return {
    take(key) {
      const nowMs = options.clock.now().getTime()
      turn(nowMs)
      const now = current.get(key) ?? 0
      const before = previous.get(key) ?? 0
      const overlap = before * (1 - (nowMs - startedMs) / options.windowMs)
      if (now + overlap >= options.limit) return false
      // When the table is full, newcomers are let in uncounted: refusing them would be the attacker's aim.
      if (now > 0 || current.size < KEYS_MOST) current.set(key, now + 1)
      return true
    },
  }
}

export const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address)
