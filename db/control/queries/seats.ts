import { sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import type { ResellerId, TenantId } from '#lib/ids'

export interface TenantSeats {
  tenantCap: number
  tenantUsed: number
  reserved: boolean
  resellerCap: number
  resellerClaimed: number
  /** Bytes; null where there is no cap. What is given is the sum of the quotas of accounts that live. */
  storageCap: number | null
  storageGiven: number
  resellerStorageCap: number | null
  /** Caps of tenants that have one, and the quotas of accounts of those that have none. */
  resellerStorageClaimed: number
}

/** Locks reseller and tenant until commit and counts their seats and storage (db/unsafe). */
export async function lockSeats(tx: ControlTx, tenantId: TenantId): Promise<TenantSeats | undefined> {
  const rows = await tx.execute<{
    tenant_cap: number
    tenant_used: number
    reserved: boolean
    reseller_cap: number
    reseller_claimed: number
    storage_cap: number | null
    storage_given: number
    reseller_storage_cap: number | null
    reseller_storage_claimed: number
  }>(sql`select * from unsafe.lock_seats(${tenantId as string}::uuid)`)
  const row = rows[0]
  return row
    ? {
        tenantCap: row.tenant_cap,
        tenantUsed: Number(row.tenant_used),
        reserved: row.reserved,
        resellerCap: row.reseller_cap,
        resellerClaimed: Number(row.reseller_claimed),
        storageCap: bytesOrNull(row.storage_cap),
        storageGiven: Number(row.storage_given),
        resellerStorageCap: bytesOrNull(row.reseller_storage_cap),
        resellerStorageClaimed: Number(row.reseller_storage_claimed),
      }
    : undefined
}

const bytesOrNull = (value: number | null): number | null => (value === null ? null : Number(value))

export interface ResellerRoom {
  seatsCap: number
  seatsClaimed: number
  domainsCap: number | null
  domainsUsed: number
  /** Bytes; null where there is no cap. */
  storageCap: number | null
  storageClaimed: number
}

/** Locks a reseller until commit and counts what its tenants have claimed (db/unsafe). */
export async function lockReseller(tx: ControlTx, resellerId: ResellerId): Promise<ResellerRoom | undefined> {
  const rows = await tx.execute<{
    seats_cap: number
    seats_claimed: number
    domains_cap: number | null
    domains_used: number
    storage_cap: number | null
    storage_claimed: number
  }>(sql`select * from unsafe.lock_reseller(${resellerId as string}::uuid)`)
  const row = rows[0]
  return row
    ? {
        seatsCap: row.seats_cap,
        seatsClaimed: Number(row.seats_claimed),
        domainsCap: row.domains_cap,
        domainsUsed: Number(row.domains_used),
        storageCap: bytesOrNull(row.storage_cap),
        storageClaimed: Number(row.storage_claimed),
      }
    : undefined
}
