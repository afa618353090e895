/** Keeps a service that does not answer from holding up every message: after some failures in a row it is left alone for a while, then tried by one. */
export interface Breaker {
  /** Runs `work`; null without running it while the service is left alone, and when it throws. */
  run<Answer>(work: () => Promise<Answer>): Promise<Answer | null>
}

/** Failures in a row: one may be chance, five are an outage. */
const FAILURES = 5
/** Mail comes in unscanned or is put off for no longer than this once the scanner is back. */
const PAUSE_MS = 10_000

export function createBreaker(options: { now: () => number; onFailure: (error: unknown) => void }): Breaker {
  let failures = 0
  let pausedUntil = 0
  return {
    async run(work) {
      if (failures >= FAILURES) {
        if (options.now() < pausedUntil) return null
        // This one tries; the others go on waiting for what it finds.
        pausedUntil = options.now() + PAUSE_MS
      }
      try {
        const answer = await work()
        failures = 0
        return answer
      } catch (error) {
        failures++
        if (failures >= FAILURES) pausedUntil = options.now() + PAUSE_MS
        options.onFailure(error)
        return null
      }
    },
  }
}
