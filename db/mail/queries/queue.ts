import type { Tx } from '#db/client'
import type { AccountId, QueueId, TenantId } from '#lib/ids'

export interface NewOutbound {
  tenantId: TenantId
  id: QueueId
  accountId: AccountId
  wrappedKey: Buffer
  sealed: Buffer
  queuedAt: Date
  recipients: readonly Buffer[]
}

/** Inserts a message and its recipients; they are due at once. */
export async function insertOutbound(tx: Tx, row: NewOutbound): Promise<void> {
  await Promise.all([
    tx`insert into outbound (tenant_id, id, account_id, wrapped_key, sealed, queued_at)
       values (${row.tenantId}, ${row.id}, ${row.accountId}, ${row.wrappedKey}, ${row.sealed}, ${row.queuedAt})`,
    tx`insert into outbound_recipient ${tx(
      row.recipients.map((recipient, position) => ({
        tenant_id: row.tenantId,
        queue_id: row.id,
        position,
        recipient_sealed: recipient,
        due_at: row.queuedAt,
      })),
    )}`,
    tx`select pg_notify('outbound', '')`,
  ])
}

export interface ClaimedRow {
  tenantId: TenantId
  id: QueueId
  position: number
  accountId: AccountId
  wrappedKey: Buffer
  sealed: Buffer
  recipientSealed: Buffer
  failureSealed: Buffer | null
  queuedAt: Date
  attempts: number
  token: number
}

/**
 * Leases recipients that are due, oldest first. The lease is `due_at` pushed ahead by the database's own clock; the token rises with every lease,
 * so that a worker that slept past its lease can no longer settle what another now holds.
 */
export async function claimDue(tx: Tx, most: number, leaseMs: number): Promise<ClaimedRow[]> {
  return tx<ClaimedRow[]>`
    with due as (
      select tenant_id, queue_id, position from outbound_recipient where due_at <= now() order by due_at limit ${most} for update skip locked
    ), leased as (
      update outbound_recipient r set due_at = now() + make_interval(secs => ${leaseMs / 1000}::float8), lease_token = r.lease_token + 1
      from due where r.tenant_id = due.tenant_id and r.queue_id = due.queue_id and r.position = due.position
      returning r.*
    )
    select l.tenant_id "tenantId", l.queue_id "id", l.position, o.account_id "accountId", o.wrapped_key "wrappedKey", o.sealed, l.recipient_sealed "recipientSealed",
      l.failure_sealed "failureSealed", o.queued_at "queuedAt", l.attempts, l.lease_token "token"
    from leased l join outbound o on o.tenant_id = l.tenant_id and o.id = l.queue_id`
}

interface Lease {
  tenantId: TenantId
  id: QueueId
  position: number
  token: number
}

/** Holds a lease for longer. False when it has passed on. */
export async function renewLease(tx: Tx, lease: Lease, leaseMs: number): Promise<boolean> {
  const done = await tx`update outbound_recipient set due_at = now() + make_interval(secs => ${leaseMs / 1000}::float8)
    where tenant_id = ${lease.tenantId} and queue_id = ${lease.id} and position = ${lease.position} and lease_token = ${lease.token}`
  return done.count === 1
}

/** Notes that a recipient failed for good; its lease stays, so that whoever holds it tells the sender. False when the lease has passed on. */
export async function failRecipient(tx: Tx, lease: Lease, failure: { sealed: Buffer; code: number }): Promise<boolean> {
  const done =
    await tx`update outbound_recipient set failure_sealed = ${failure.sealed}, attempts = attempts + 1, last_code = ${failure.code}
    where tenant_id = ${lease.tenantId} and queue_id = ${lease.id} and position = ${lease.position} and lease_token = ${lease.token}`
  return done.count === 1
}

/** Ends a recipient, delivered or its sender told; the message goes with its last one. False when the lease has passed on. */
export async function finishRecipient(tx: Tx, lease: Lease): Promise<boolean> {
  // The message's row first: two workers that finish its last two recipients at once must see each other.
  await tx`select 1 from outbound where tenant_id = ${lease.tenantId} and id = ${lease.id} for update`
  const done = await tx`delete from outbound_recipient
    where tenant_id = ${lease.tenantId} and queue_id = ${lease.id} and position = ${lease.position} and lease_token = ${lease.token}`
  if (done.count === 0) return false
  await tx`delete from outbound o where o.tenant_id = ${lease.tenantId} and o.id = ${lease.id}
    and not exists (select 1 from outbound_recipient r where r.tenant_id = o.tenant_id and r.queue_id = o.id)`
  return true
}

/** Puts a recipient off. False when the lease has passed on. */
export async function deferRecipient(tx: Tx, lease: Lease, retry: { dueAt: Date; code: number }): Promise<boolean> {
  const done =
    await tx`update outbound_recipient set due_at = ${retry.dueAt}, attempts = attempts + 1, last_code = ${retry.code}, lease_token = lease_token + 1
    where tenant_id = ${lease.tenantId} and queue_id = ${lease.id} and position = ${lease.position} and lease_token = ${lease.token}`
  return done.count === 1
}

export async function countWaiting(tx: Tx): Promise<number> {
  const rows = await tx<{ n: number }[]>`select count(*) n from outbound_recipient`
  return rows[0]?.n ?? 0
}
