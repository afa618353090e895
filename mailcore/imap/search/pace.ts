import { setImmediate as turn } from 'node:timers/promises'
import { Refused } from '../command'
import type { Session } from '../session'

/** Work done in one go before others have a turn (M-05: at least each 50 ms). */
const STRETCH_MS = 15

/** Keeps long work from holding the process. */
export interface Pace {
  /** Is it time to rest? */
  due(): boolean
  /** Lets others have a turn. Throws Refused once nobody waits for the answer. */
  rest(done?: number, total?: number): Promise<void>
}

/** The pace of a command; now and then the client hears that it goes on. */
export function paceOf(session: Session): Pace {
  session.beginWork()
  return pace((done, total) => {
    if (session.over || session.door.isClosed) throw new Refused('The session has ended')
    if (done !== undefined) session.progress(done, total)
  })
}

/** A pace that calls `atRest` before each rest. */
export function pace(atRest: (done?: number, total?: number) => void = () => undefined): Pace {
  let since = performance.now()
  return {
    due: () => performance.now() - since > STRETCH_MS,
    rest: async (done, total) => {
      atRest(done, total)
      await turn()
      since = performance.now()
    },
  }
}

/** Runs work that stops where it may rest. */
export async function walk<R>(work: Generator<void, R>, rhythm: Pace): Promise<R> {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (rhythm.due()) await rhythm.rest()
  }
}

/** Runs it in one go: for few messages. */
export function run<R>(work: Generator<void, R>): R {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
