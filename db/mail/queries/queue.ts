import type { Tx } from '#db/client'
import { ACCEPTED_HOURS } from '#db/mail/queries/deliver'
import type { AccountId, QueueId, TenantId, TraceId } from '#lib/ids'

const BYTEA = 1001

export interface NewRecipient {
  sealed: Buffer
  /** Null where the process does not know the look-up key. */
  destinationHash: Buffer | null
}

export interface NewOutbound {
  tenantId: TenantId
  id: QueueId
  accountId: AccountId
  wrappedKey: Buffer
  sealed: Buffer
  queuedAt: Date
  origin: 'account' | 'list' | 'automatic'
  traceId: TraceId | null
  /** When it is first due: now, or later where its sender wished so (RFC 4865). */
  dueAt: Date
  expiresAt: Date | null
  recipients: readonly NewRecipient[]
  /** What its account has queued under the same key within a day is left out. */
  onceKey?: Buffer
}

/** Those that were not queued before. A twin in another transaction is waited for: the first to commit is the one that counts. */
async function withoutRepeated(tx: Tx, rows: readonly NewOutbound[]): Promise<readonly NewOutbound[]> {
  const keyed = rows.flatMap(({ tenantId, accountId, id, onceKey }) =>
    onceKey ? [{ tenantId, accountId, id, key: onceKey.toString('hex') }] : [],
  )
  if (keyed.length === 0) return rows
  // In one order, so that two transactions with the same keys cannot wait for each other.
  const byKey = [...new Map(keyed.map((one) => [`${one.accountId} ${one.key}`, one])).values()]
  byKey.sort((a, b) => (a.key < b.key ? -1 : 1))
  const fresh = await tx<{ accountId: AccountId; key: string }[]>`
    insert into accepted (tenant_id, account_id, key_hash)
    select t, a, decode(k, 'hex')
    from unnest(${byKey.map((one) => one.tenantId)}::uuid[], ${byKey.map((one) => one.accountId)}::uuid[], ${byKey.map((one) => one.key)}::text[]) v(t, a, k)
    on conflict (tenant_id, account_id, key_hash) do update set accepted_at = excluded.accepted_at
      where accepted.accepted_at <= now() - make_interval(hours => ${ACCEPTED_HOURS}::int)
    returning account_id "accountId", encode(key_hash, 'hex') "key"`
  const taken = new Set(fresh.map((one) => `${one.accountId} ${one.key}`))
  const chosen = new Set(byKey.flatMap((one) => (taken.has(`${one.accountId} ${one.key}`) ? [one.id] : [])))
  return rows.filter((row) => !row.onceKey || chosen.has(row.id))
}

/** Inserts messages and their recipients: so many that seven parameters a recipient stay below the protocol's 65,535. */
export async function insertOutbound(tx: Tx, all: readonly NewOutbound[]): Promise<void> {
  const rows = await withoutRepeated(tx, all)
  if (rows.length === 0) return
  await Promise.all([
    tx`insert into outbound ${tx(
      rows.map((row) => ({
        tenant_id: row.tenantId,
        id: row.id,
        account_id: row.accountId,
        wrapped_key: row.wrappedKey,
        sealed: row.sealed,
        queued_at: row.queuedAt,
        origin: row.origin,
        trace_id: row.traceId,
      })),
    )}`,
    tx`insert into outbound_recipient ${tx(
      rows.flatMap((row) =>
        row.recipients.map(({ sealed, destinationHash }, position) => ({
          tenant_id: row.tenantId,
          queue_id: row.id,
          position,
          recipient_sealed: sealed,
          destination_hash: destinationHash,
          due_at: row.dueAt,
          expires_at: row.expiresAt,
        })),
      ),
    )}`,
    tx`select pg_notify('outbound', '')`,
  ])
}

export interface ClaimedRow {
  tenantId: TenantId
  id: QueueId
  position: number
  recipientSealed: Buffer
  failureSealed: Buffer | null
  routeSealed: Buffer | null
  destinationHash: Buffer | null
  delayTold: boolean
  expiresAt: Date | null
  attempts: number
  token: number
}

/** The message of claimed recipients: fetched once however many of its recipients are. */
export interface ClaimedMessage {
  tenantId: TenantId
  id: QueueId
  accountId: AccountId
  wrappedKey: Buffer
  sealed: Buffer
  queuedAt: Date
  origin: 'account' | 'list' | 'automatic'
  traceId: TraceId | null
}

/**
 * Leases recipients that are due, oldest first, without those held and those of destinations in `busy`. One whose destination is paused is put off to
 * the end of the pause, so that the next claim does not meet it again. The lease is `due_at` pushed ahead by the database's own clock; the token rises
 * with every lease, so that a worker that slept past its lease can no longer settle what another now holds.
 */
export async function claimDue(
  tx: Tx,
  claim: { most: number; leaseMs: number; busy: readonly Buffer[] },
): Promise<{ rows: ClaimedRow[]; messages: ClaimedMessage[] }> {
  const rows = await tx<ClaimedRow[]>`
    with due as (
      select r.tenant_id, r.queue_id, r.position, d.paused_until from outbound_recipient r
      left join destination d on d.domain_hash = r.destination_hash and d.paused_until > now() and r.failure_sealed is null
      where r.due_at <= now() and r.state = 'waiting'
        and (r.destination_hash is null or r.failure_sealed is not null or r.destination_hash <> all(${tx.array(claim.busy as Buffer[], BYTEA)}))
      order by r.due_at, r.queue_id, r.position limit ${claim.most} for update of r skip locked
    ), put_off as (
      update outbound_recipient r set due_at = due.paused_until + make_interval(secs => random() * 30)
      from due where due.paused_until is not null and r.tenant_id = due.tenant_id and r.queue_id = due.queue_id and r.position = due.position
    )
    update outbound_recipient r set due_at = now() + make_interval(secs => ${claim.leaseMs / 1000}::float8), lease_token = r.lease_token + 1
    from due where due.paused_until is null and r.tenant_id = due.tenant_id and r.queue_id = due.queue_id and r.position = due.position
    returning r.tenant_id "tenantId", r.queue_id "id", r.position, r.recipient_sealed "recipientSealed", r.failure_sealed "failureSealed",
      r.route_sealed "routeSealed", r.destination_hash "destinationHash", r.delay_told "delayTold", r.expires_at "expiresAt", r.attempts, r.lease_token "token"`
  if (rows.length === 0) return { rows, messages: [] }
  const wanted = new Map(rows.map((row) => [row.id, row.tenantId]))
  const messages = await tx<ClaimedMessage[]>`
    select o.tenant_id "tenantId", o.id, o.account_id "accountId", o.wrapped_key "wrappedKey", o.sealed, o.queued_at "queuedAt", o.origin, o.trace_id "traceId"
    from unnest(${[...wanted.values()]}::uuid[], ${[...wanted.keys()]}::uuid[]) w(tenant_id, id)
    join outbound o on o.tenant_id = w.tenant_id and o.id = w.id`
  return { rows, messages }
}

/** A recipient as one lease of it. */
export interface Lease {
  tenantId: TenantId
  id: QueueId
  position: number
  token: number
}

const keyOf = (one: Lease): string => `${one.id} ${one.position} ${one.token}`
const columns = (leases: readonly Lease[]) => ({
  tenants: leases.map((one) => one.tenantId),
  ids: leases.map((one) => one.id),
  positions: leases.map((one) => one.position),
  tokens: leases.map((one) => one.token),
})
const heldIn = (rows: readonly { id: QueueId; position: number; token: number }[]): Set<string> =>
  new Set(rows.map((row) => `${row.id} ${row.position} ${row.token}`))

/** Holds leases for longer. Says of each whether it is still ours. */
export async function renewLeases(tx: Tx, leases: readonly Lease[], leaseMs: number): Promise<boolean[]> {
  const c = columns(leases)
  const rows = await tx<{ id: QueueId; position: number; token: number }[]>`
    update outbound_recipient r set due_at = case when r.state = 'held' then r.due_at else now() + make_interval(secs => ${leaseMs / 1000}::float8) end
    from unnest(${c.tenants}::uuid[], ${c.ids}::uuid[], ${c.positions}::int[], ${c.tokens}::bigint[]) l(tenant_id, id, position, token)
    where r.tenant_id = l.tenant_id and r.queue_id = l.id and r.position = l.position and r.lease_token = l.token
    returning r.queue_id "id", r.position, r.lease_token "token"`
  const held = heldIn(rows)
  return leases.map((one) => held.has(keyOf(one)))
}

export type Settlement = Lease &
  (
    | { kind: 'finish' }
    | { kind: 'defer'; dueAt: Date; code: number; delayTold: boolean }
    /** Notes the failure; the lease stays, so that whoever holds it tells the sender. */
    | { kind: 'fail'; sealed: Buffer; code: number }
  )

/**
 * Settles what became of leased recipients, all in the caller's transaction. Says of each whether the lease was still ours; what was not is untouched.
 * A message goes with its last recipient.
 */
export async function settleLeases(tx: Tx, settlements: readonly Settlement[]): Promise<boolean[]> {
  const finished = settlements.filter((one) => one.kind === 'finish')
  const deferred = settlements.filter((one) => one.kind === 'defer')
  const failed = settlements.filter((one) => one.kind === 'fail')
  const held = new Set<string>()
  const note = (keys: Set<string>) => {
    for (const key of keys) held.add(key)
  }
  if (finished.length > 0) note(await finish(tx, finished))
  if (deferred.length > 0) {
    const c = columns(deferred)
    const due = deferred.map(({ dueAt }) => dueAt.toISOString())
    const codes = deferred.map(({ code }) => code)
    const told = deferred.map(({ delayTold }) => (delayTold ? 1 : 0))
    // What was held meanwhile stays so, and a lease token that is used up cannot be used again.
    const rows = await tx<{ id: QueueId; position: number; token: number }[]>`
      update outbound_recipient r set due_at = case when r.state = 'held' then r.due_at else l.due_at end, attempts = r.attempts + 1,
        last_code = l.code, delay_told = r.delay_told or l.told = 1, lease_token = r.lease_token + 1
      from unnest(${c.tenants}::uuid[], ${c.ids}::uuid[], ${c.positions}::int[], ${c.tokens}::bigint[], ${due}::timestamptz[], ${codes}::int[], ${told}::int[])
        l(tenant_id, id, position, token, due_at, code, told)
      where r.tenant_id = l.tenant_id and r.queue_id = l.id and r.position = l.position and r.lease_token = l.token
      returning r.queue_id "id", r.position, r.lease_token - 1 "token"`
    note(heldIn(rows))
  }
  if (failed.length > 0) {
    const c = columns(failed)
    const sealed = tx.array(
      failed.map((one) => one.sealed),
      BYTEA,
    )
    const codes = failed.map(({ code }) => code)
    const rows = await tx<{ id: QueueId; position: number; token: number }[]>`
      update outbound_recipient r set failure_sealed = l.sealed, attempts = r.attempts + 1, last_code = l.code
      from unnest(${c.tenants}::uuid[], ${c.ids}::uuid[], ${c.positions}::int[], ${c.tokens}::bigint[], ${sealed}, ${codes}::int[])
        l(tenant_id, id, position, token, sealed, code)
      where r.tenant_id = l.tenant_id and r.queue_id = l.id and r.position = l.position and r.lease_token = l.token
      returning r.queue_id "id", r.position, r.lease_token "token"`
    note(heldIn(rows))
  }
  return settlements.map((one) => held.has(keyOf(one)))
}

async function finish(tx: Tx, leases: readonly Lease[]): Promise<Set<string>> {
  const c = columns(leases)
  const messages = new Map(leases.map((one) => [one.id, one.tenantId]))
  const [tenants, ids] = [[...messages.values()], [...messages.keys()]]
  // The messages' rows first, in order: two workers that finish the last two recipients at once must see each other, and must not wait for each other.
  await tx`select 1 from outbound o join unnest(${tenants}::uuid[], ${ids}::uuid[]) w(tenant_id, id) on o.tenant_id = w.tenant_id and o.id = w.id
    order by o.tenant_id, o.id for update of o`
  const rows = await tx<{ id: QueueId; position: number; token: number }[]>`
    delete from outbound_recipient r
    using unnest(${c.tenants}::uuid[], ${c.ids}::uuid[], ${c.positions}::int[], ${c.tokens}::bigint[]) l(tenant_id, id, position, token)
    where r.tenant_id = l.tenant_id and r.queue_id = l.id and r.position = l.position and r.lease_token = l.token
    returning r.queue_id "id", r.position, r.lease_token "token"`
  await tx`delete from outbound o using unnest(${tenants}::uuid[], ${ids}::uuid[]) w(tenant_id, id)
    where o.tenant_id = w.tenant_id and o.id = w.id
      and not exists (select 1 from outbound_recipient r where r.tenant_id = o.tenant_id and r.queue_id = o.id)`
  return heldIn(rows)
}

/** Puts a recipient that does not open off. */
export async function putOff(tx: Tx, lease: Lease, dueAt: Date): Promise<void> {
  await tx`update outbound_recipient set due_at = ${dueAt}, attempts = attempts + 1, last_code = 451, lease_token = lease_token + 1
    where tenant_id = ${lease.tenantId} and queue_id = ${lease.id} and position = ${lease.position} and lease_token = ${lease.token}`
}

export async function countWaiting(tx: Tx): Promise<number> {
  const rows = await tx<{ n: number }[]>`select count(*) n from outbound_recipient`
  return rows[0]?.n ?? 0
}
