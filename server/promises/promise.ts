import type { Settings } from '#lib/env'
import type { ServiceContext } from '#server/services'

export interface PromiseContext {
  services: ServiceContext
  /** Where this instance listens; null where no instance runs, as in a test of the services alone. */
  settings: Pick<Settings, 'bind' | 'ports'> | null
}

export interface PromiseFinding {
  /** `kept` only where a live check has looked just now. */
  state: 'kept' | 'failing' | 'not built'
  /** What the check saw: counts and ids, nothing personal. */
  evidence: string
}

export interface PromiseResult extends PromiseFinding {
  id: string
  statement: string
  /** ISO 8601 */
  checkedAt: string
}

/** One promise of the privacy policy, with the check that looks whether it is kept. */
export interface PolicyPromise {
  id: string
  statement: string
  check(ctx: PromiseContext): Promise<PromiseFinding>
}

export const kept = (evidence: string): PromiseFinding => ({ state: 'kept', evidence })
export const failing = (evidence: string): PromiseFinding => ({ state: 'failing', evidence })
export const notBuilt = (evidence: string): PromiseFinding => ({ state: 'not built', evidence })
