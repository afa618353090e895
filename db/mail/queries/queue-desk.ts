import type { Tx } from '#db/client'
import type { AccountId, QueueId, TenantId } from '#lib/ids'

/** One recipient that waits, as the queue's desk sees it. */
export interface WaitingRow {
  tenantId: TenantId
  id: QueueId
  position: number
  accountId: AccountId
  origin: 'account' | 'list' | 'automatic'
  wrappedKey: Buffer
  recipientSealed: Buffer
  bytes: number
  queuedAt: Date
  dueAt: Date
  attempts: number
  lastCode: number | null
  state: 'waiting' | 'held'
  failed: boolean
  rerouted: boolean
}

/** Recipients that wait, oldest first; of one tenant, or of all (null: system role only). `after` is the last row of the page before. */
export function selectWaiting(
  tx: Tx,
  page: { tenantId: TenantId | null; after: { id: QueueId; position: number } | null; limit: number },
): Promise<WaitingRow[]> {
  return tx<WaitingRow[]>`
    select r.tenant_id "tenantId", r.queue_id "id", r.position, o.account_id "accountId", o.origin, o.wrapped_key "wrappedKey",
      r.recipient_sealed "recipientSealed", length(o.sealed) bytes, o.queued_at "queuedAt", r.due_at "dueAt", r.attempts, r.last_code "lastCode",
      r.state, r.failure_sealed is not null failed, r.route_sealed is not null rerouted
    from outbound_recipient r join outbound o on o.tenant_id = r.tenant_id and o.id = r.queue_id
    where true ${page.tenantId === null ? tx`` : tx`and r.tenant_id = ${page.tenantId}`}
      ${page.after === null ? tx`` : tx`and (r.queue_id, r.position) > (${page.after.id}::uuid, ${page.after.position}::int)`}
    order by r.queue_id, r.position limit ${page.limit}`
}

/** Which recipients an act is about: one, those of one message, or all of a tenant. */
export interface Which {
  tenantId: TenantId
  id: QueueId | null
  position: number | null
}

const which = (tx: Tx, w: Which) => tx`tenant_id = ${w.tenantId} ${w.id === null ? tx`` : tx`and queue_id = ${w.id}`}
  ${w.position === null ? tx`` : tx`and position = ${w.position}`}`

/** Far enough that no claim meets it, and still a time of this calendar. */
const HELD_UNTIL = new Date('2999-01-01T00:00:00Z')

/** Holds recipients; one that is being tried at this moment may still be delivered. Those that have failed stay as they are: their sender must hear. */
export async function holdWaiting(tx: Tx, w: Which): Promise<number> {
  const done = await tx`update outbound_recipient set state = 'held', due_at = ${HELD_UNTIL}
    where ${which(tx, w)} and state = 'waiting' and failure_sealed is null`
  return done.count
}

/** Makes recipients due now, held ones too. The lease of one that is being tried stays with its worker. */
export async function retryWaiting(tx: Tx, w: Which): Promise<number> {
  const done = await tx`update outbound_recipient set state = 'waiting', due_at = now()
    where ${which(tx, w)} and (state = 'held' or due_at > now() + interval '90 seconds')`
  await tx`update destination set paused_until = null
    where domain_hash in (select destination_hash from outbound_recipient where ${which(tx, w)}) and paused_until is not null`
  await tx`select pg_notify('outbound', '')`
  return done.count
}

/** Gives recipients up at the next look: their senders are told as if the time were over. */
export async function expireWaiting(tx: Tx, w: Which): Promise<number> {
  const done = await tx`update outbound_recipient set state = 'waiting', expires_at = now(), due_at = now()
    where ${which(tx, w)} and (state = 'held' or due_at > now() + interval '90 seconds')`
  await tx`select pg_notify('outbound', '')`
  return done.count
}

/** Takes recipients out of the queue; nobody is told. A worker that is at one loses its lease. */
export async function cancelWaiting(tx: Tx, w: Which): Promise<number> {
  await tx`select 1 from outbound where tenant_id = ${w.tenantId} ${w.id === null ? tx`` : tx`and id = ${w.id}`} order by id for update`
  const done = await tx`delete from outbound_recipient where ${which(tx, w)}`
  await tx`delete from outbound o where o.tenant_id = ${w.tenantId} ${w.id === null ? tx`` : tx`and o.id = ${w.id}`}
    and not exists (select 1 from outbound_recipient r where r.tenant_id = o.tenant_id and r.queue_id = o.id)`
  return done.count
}

/** The wrapped key of one message, for sealing a route under it. */
export async function selectMessageKey(tx: Tx, at: { tenantId: TenantId; id: QueueId }): Promise<Buffer | null> {
  const rows = await tx<{ wrappedKey: Buffer }[]>`
    select wrapped_key "wrappedKey" from outbound where tenant_id = ${at.tenantId} and id = ${at.id}`
  return rows[0]?.wrappedKey ?? null
}

/** The positions of a message's waiting recipients. */
export async function selectPositions(tx: Tx, w: Which): Promise<number[]> {
  const rows = await tx<
    { position: number }[]
  >`select position from outbound_recipient where ${which(tx, w)} order by position`
  return rows.map(({ position }) => position)
}

/** Sends a recipient by another way from now on; null: by the DNS again. */
export async function setRoute(tx: Tx, w: Which, sealed: Buffer | null): Promise<void> {
  await tx`update outbound_recipient set route_sealed = ${sealed} where ${which(tx, w)}`
}

/** What waits, per tenant: for the operator's overview. */
export function countByTenant(
  tx: Tx,
): Promise<{ tenantId: TenantId; waiting: number; held: number; oldest: Date | null }[]> {
  return tx`select r.tenant_id "tenantId", count(*) filter (where r.state = 'waiting') waiting, count(*) filter (where r.state = 'held') held,
      min(o.queued_at) oldest
    from outbound_recipient r join outbound o on o.tenant_id = r.tenant_id and o.id = r.queue_id group by 1 order by 2 desc limit 500`
}
