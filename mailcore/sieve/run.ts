import { settle } from './actions'
import { createBudget } from './budget'
import type { Run } from './context'
import { RunFault } from './errors'
import { execute, newFrame } from './execute'
import { viewMessage } from './message'
import type { Script, SieveEnv, SieveOutcome } from './types'

/**
 * Runs a script over one message and says what to do; does nothing itself. Bounded in work and memory whatever script
 * and message are, and gives the loop back about every 10 ms of work. Rejects only with what a function of `env` threw
 * (an outage, say), so that the worker tries again; a fault of the script is `error`, with the message kept.
 */
export async function runScript(script: Script, env: SieveEnv): Promise<SieveOutcome> {
  const run: Run = {
    env,
    budget: createBudget(),
    message: viewMessage(env.message.raw, env.message.size),
    outcome: { actions: [], implicitKeep: true },
    flags: null,
    globals: new Map(),
    included: new Set(),
    includedScripts: 0,
    includedBytes: 0,
    duplicates: new Map(),
    regexes: new Map(),
  }
  try {
    await execute(newFrame(run, script.program, []), script.program.commands)
  } catch (error) {
    if (!(error instanceof RunFault)) throw error
    return {
      actions: [],
      implicitKeep: true,
      keepFlags: null,
      error: {
        message: error.message,
        ...(error.line === undefined ? {} : { line: error.line }),
        ...(error.script === undefined ? {} : { script: error.script }),
      },
    }
  }
  return settle(run.outcome, run.flags)
}
