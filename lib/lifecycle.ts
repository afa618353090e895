/** Something that was started and can be stopped. Stopping twice is allowed. */
export interface Running {
  stop(): Promise<void>
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export const pause = (delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, delayMs)
    signal?.addEventListener('abort', done)
  })

/** Stops what was started, last first, and lets one failure not keep the others from stopping. */
export function stopAll(parts: Running[]): Running {
  let stopped: Promise<void> | undefined
  const run = async () => {
    for (const part of [...parts].reverse()) await part.stop().catch(() => undefined)
  }
  return { stop: () => (stopped ??= run()) }
}
