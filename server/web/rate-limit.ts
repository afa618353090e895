/** Counts calls per key in the running minute; a process counts for itself, which is enough against a script in one session. */
export interface RateLimit {
  /** Takes one call: 0 when it may go on, else the seconds to wait. */
  take(key: string, perMinute: number, nowMs: number): number
}

const MINUTE_MS = 60_000
/** Keys kept at most; beyond it every window begins anew rather than memory growing with strangers. */
const MOST_KEYS = 50_000

export function createRateLimit(): RateLimit {
  const windows = new Map<string, { since: number; taken: number }>()
  return {
    take: (key, perMinute, nowMs) => {
      if (windows.size > MOST_KEYS) windows.clear()
      const window = windows.get(key)
      if (!window || nowMs - window.since >= MINUTE_MS) {
        windows.set(key, { since: nowMs, taken: 1 })
        return 0
      }
      window.taken += 1
      return window.taken <= perMinute ? 0 : Math.max(1, Math.ceil((window.since + MINUTE_MS - nowMs) / 1_000))
    },
  }
}
