import type { Tx } from '#db/client'
import type { QuarantineCause } from '#db/mail/queries/deliver'
import type { TenantId } from '#lib/ids'

export interface QuarantineCount {
  cause: QuarantineCause
  /** UTC, `2026-11-24` */
  day: string
  messages: number
}

/** How much of a tenant's mail waits in quarantine, by cause and day of arrival, the latest day first. Nothing of any message. */
export async function selectQuarantineCounts(tx: Tx, tenantId: TenantId): Promise<QuarantineCount[]> {
  return tx<QuarantineCount[]>`
    select cause, to_char(arrived_at at time zone 'UTC', 'YYYY-MM-DD') "day", count(*)::int "messages"
    from quarantined where tenant_id = ${tenantId} group by 1, 2 order by 2 desc, 1`
}
