import type { ControlTx, SystemReason } from '#db/client'
import type { AuditFacts } from '#db/control/queries/audit'
import type { IntentRow } from '#db/control/queries/intent'
import type { ServiceContext } from '#server/services'

/** What only the process that began an intent knows, because it is personal and an intent row may not hold it. */
export interface Live {
  name?: string
  address?: string
}

export interface IntentEnd {
  outcome: 'completed' | 'failed'
  facts: AuditFacts
  /** Runs in the transaction that writes the outcome: whatever must stand if and only if the outcome does. */
  commit?: (tx: ControlTx) => Promise<void>
  /** The outcome is written across tenants, for this reason, instead of within the intent's own scope. */
  system?: SystemReason
}

/** The steps of one kind of intent. Each may run again after a crash at any point, then without `live`. */
export type IntentAction = (ctx: ServiceContext, intent: IntentRow, live: Live | undefined) => Promise<IntentEnd>
