/** One thing that failures are counted by, and how many it may have. */
export interface Counted {
  key: string
  most: number
}

/** An attempt that may be made, to be ended; or why not: failures alone reach a ceiling, or too many wait already. */
export type Begun = { ok: true; end(): void } | { ok: false; why: Refusal }
type Refusal = 'failures' | 'line'
/** The failures already noted, in the order of what is counted. */
type Read = () => Promise<readonly number[]>

export interface Attempts {
  /**
   * Begins an attempt at guessing, for that is what every sign-in is until it has succeeded: it counts as a failure of each of `counted` from
   * now on, and as nothing of ours once it has ended. Where failures and attempts
   * in flight together would pass a ceiling, it waits until one of these has ended. Whoever fails notes the failure before `end`, so that there
   * is no moment in which it counts nowhere.
   */
  begin(counted: readonly Counted[], read: Read): Promise<Begun>
  /** How many wait. */
  waiting(): number
}

/** What is known of one key while somebody makes an attempt under it. */
interface Count {
  running: number
  /** Attempts that have ended so far. */
  ended: number
  /** Calls that hold this: reading, waiting or running. With the last of them it goes. */
  users: number
  line: (() => void)[]
}

/**
 * Attempts in flight in this process. Without them a burst of parallel guesses would pass the ceiling once, as none of them has failed yet when
 * the others are let in. Someone with the right password and thirty connections waits a little, and is not refused.
 */
export function createAttempts(mostWaiting: number): Attempts {
  const counts = new Map<string, Count>()
  let inLine = 0

  const hold = (key: string): Count => {
    const count = counts.get(key) ?? { running: 0, ended: 0, users: 0, line: [] }
    counts.set(key, count)
    count.users++
    return count
  }
  const letGo = (counted: readonly Counted[]) => {
    for (const { key } of counted) {
      const count = counts.get(key)
      if (count && --count.users === 0) counts.delete(key)
    }
  }
  const finish = (counted: readonly Counted[], held: readonly Count[]) => {
    for (const count of held) {
      count.running--
      count.ended++
      wake(count)
    }
    letGo(counted)
  }
  const wait = async (count: Count) => {
    inLine++
    await new Promise<void>((go) => count.line.push(go))
    inLine--
  }
  /** Until there is room: then the attempt has begun, in the same turn in which that was seen. */
  const enter = async (counted: readonly Counted[], held: readonly Count[], read: Read): Promise<Refusal | null> => {
    let woken: Count | null = null
    try {
      for (;;) {
        const before = held.map(({ ended }) => ended)
        const failures = await read()
        // One that ended while the failures were read may be in them or not: it is counted, rather twice than not at all.
        const full = held.find(({ running, ended }, at) => {
          const inFlight = running + ended - (before[at] ?? 0)
          return (failures[at] ?? 0) + inFlight >= (counted[at]?.most ?? 0)
        })
        if (!full) {
          for (const count of held) count.running++
          return null
        }
        if (counted.some(({ most }, at) => (failures[at] ?? 0) >= most)) return 'failures'
        // Nobody is left who would wake us: look again.
        if (full.running === 0) continue
        if (!woken && inLine >= mostWaiting) return 'line'
        if (woken !== full) wake(woken)
        woken = null
        await wait(full)
        woken = full
      }
    } finally {
      // Whoever leaves a line, however it ends, wakes the next: there may be room for more than one.
      wake(woken)
    }
  }

  return {
    waiting: () => inLine,
    begin: async (counted, read) => {
      const held = counted.map(({ key }) => hold(key))
      try {
        const why = await enter(counted, held, read)
        if (why === null) return { ok: true, end: once(() => finish(counted, held)) }
        letGo(counted)
        return { ok: false, why }
      } catch (error) {
        letGo(counted)
        throw error
      }
    },
  }
}

const wake = (count: Count | null): void => count?.line.shift()?.()

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
