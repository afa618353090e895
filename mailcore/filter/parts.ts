import type { Clock } from '#lib/clock'
import type { Log } from '#lib/log'
import type { HalfDone } from '#mailcore/pipeline/once'
import type { Directory, IntakeFeed, MailStores, Queue } from '#mailcore/ports'
import type { CompileResult, Script, SieveEnv, SieveOutcome } from '#mailcore/sieve/types'

/** The language, passed in by the role. */
export interface Interpreter {
  compile(text: string): CompileResult
  run(script: Script, env: SieveEnv): Promise<SieveOutcome>
}

/** What filtering one message needs. */
export interface FilterParts {
  stores: MailStores
  directory: Pick<Directory, 'resolve' | 'mayUse'>
  queue: Pick<Queue, 'enqueue'>
  sieve: Interpreter
  clock: Clock
  log: Log
  /** Our name in trace fields and refusals */
  hostname: string
  /** 32 bytes: with it, addresses are made under which mail is sent on (SRS) */
  srsKey: Buffer
  halfDone: HalfDone
}

export interface FilterOptions extends Omit<FilterParts, 'halfDone'> {
  feed: IntakeFeed
  /** Accounts worked for at once; each holds a connection of its own for its turn, so it stays below the pool's size */
  concurrency: number
  /** How often all that waits is looked for without being told, 1 minute: bounds what a lost notification costs */
  sweepMs?: number
  /** Pause before an account is tried again, 1 second */
  retryMs?: number
}
