import type { Databases } from '#db/client'
import type { Clock } from '#lib/clock'
import type { AccountId, RegionId, ResellerId, StaffId, TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { MailCore } from '#mailcore/api'
import type { DirectoryCache } from '#server/directory-cache'
import type { DnsLookup } from '#server/services/dns/look-up'

/** What every service is given. Made once per process. */
export interface ServiceContext {
  readonly db: Databases
  readonly core: MailCore
  readonly clock: Clock
  readonly log: Log
  readonly directoryCache: DirectoryCache
  readonly dns: DnsLookup
  /** Names of this house: the host of all mail doors, which MX records name, and the origin of its pages. */
  readonly site: { readonly hostname: string; readonly webOrigin: string }
}

/** Who acts. Made from a session at the door and nowhere else; `system` is the command line and the worker, recorded as the operator's. */
export type Actor =
  | { kind: 'operator'; staffId: StaffId }
  | { kind: 'reseller'; staffId: StaffId; resellerId: ResellerId }
  | { kind: 'domain-admin'; accountId: AccountId; tenantId: TenantId; resellerId: ResellerId; region: RegionId }
  | { kind: 'subscriber'; accountId: AccountId; tenantId: TenantId; resellerId: ResellerId; region: RegionId }
  | { kind: 'system' }

export const SYSTEM: Actor = { kind: 'system' }

/** One mailbox, as every account service names it. */
export interface AccountTarget {
  tenantId: TenantId
  accountId: AccountId
}

/** One page of a list; `next` is what to pass as `after`, null on the last page. */
export interface Page<T> {
  items: T[]
  next: string | null
}

/** The target that is an actor's own account; staff have none. */
export function ownAccount(actor: Actor): AccountTarget | null {
  return actor.kind === 'domain-admin' || actor.kind === 'subscriber'
    ? { tenantId: actor.tenantId, accountId: actor.accountId }
    : null
}
