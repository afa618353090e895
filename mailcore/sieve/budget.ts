import { RunFault } from './errors'
import { SIEVE_LIMITS } from './limits'

/** What one run may still cost. Counted, not timed, so that a script ends at the same place on every machine. */
export interface Budget {
  /** Counts a command or a test */
  step(): void
  /** Counts characters looked at */
  spend(work: number): void
  /** Counts states of regular expressions */
  spendRegex(states: number): void
  /** Whether it is time to give the loop back */
  due(): boolean
  /** Gives the loop back, so that no message holds up other people's mail */
  breathe(): Promise<void>
}

/** A fresh budget. Its methods throw RunFault once it is used up. */
export function createBudget(): Budget {
  let steps = 0
  let work = 0
  let regex = 0
  let last = 0
  return {
    step() {
      work += 50
      if (++steps > SIEVE_LIMITS.steps) throw new RunFault('The script takes too many steps')
    },
    spend(amount) {
      work += amount
      if (work > SIEVE_LIMITS.work) throw new RunFault('The script takes too much work')
    },
    spendRegex(states) {
      regex += states
      work += states * 4
      if (regex > SIEVE_LIMITS.regexSteps) throw new RunFault('The regular expressions take too much work')
    },
    due: () => work - last > SIEVE_LIMITS.sliceWork,
    breathe() {
      last = work
      return new Promise((resolve) => setImmediate(resolve))
    },
  }
}
