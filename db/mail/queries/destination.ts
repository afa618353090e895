import type { Tx } from '#db/client'

/** Notes that no host of a domain could be reached: paused for 1 minute at first, twice as long each time, 30 minutes at most. */
export async function pauseDestination(tx: Tx, hash: Buffer): Promise<Date> {
  const rows = await tx<{ until: Date }[]>`
    insert into destination (domain_hash, failures, paused_until, seen_at) values (${hash}, 1, now() + interval '1 minute', now())
    on conflict (domain_hash) do update set failures = destination.failures + 1, seen_at = now(),
      paused_until = greatest(destination.paused_until, now() + least(interval '30 minutes', interval '1 minute' * (2 ^ least(destination.failures, 10))))
      where destination.paused_until is null or destination.paused_until <= now()
    returning paused_until until`
  if (rows[0]) return rows[0].until
  // Others failed at the same time and have paused it already: one outage counts once.
  const known = await tx<{ until: Date }[]>`select paused_until until from destination where domain_hash = ${hash}`
  return known[0]?.until ?? new Date()
}

export async function resumeDestination(tx: Tx, hash: Buffer): Promise<void> {
  await tx`update destination set failures = 0, paused_until = null, seen_at = now()
    where domain_hash = ${hash} and (failures > 0 or paused_until is not null)`
}

export async function selectPolicy(tx: Tx, hash: Buffer): Promise<{ sealed: Buffer; until: Date } | null> {
  const rows = await tx<{ sealed: Buffer; until: Date }[]>`
    select policy_sealed sealed, policy_until until from destination where domain_hash = ${hash} and policy_sealed is not null and policy_until > now()`
  return rows[0] ?? null
}

export async function upsertPolicy(tx: Tx, row: { hash: Buffer; sealed: Buffer; until: Date }): Promise<void> {
  await tx`insert into destination (domain_hash, policy_sealed, policy_until, seen_at) values (${row.hash}, ${row.sealed}, ${row.until}, now())
    on conflict (domain_hash) do update set policy_sealed = excluded.policy_sealed, policy_until = excluded.policy_until, seen_at = now()`
}

/** Forgets domains of which nothing is worth keeping. */
export async function sweepDestinations(tx: Tx): Promise<void> {
  await tx`delete from destination where seen_at < now() - interval '30 days' and (policy_until is null or policy_until < now())
    and (paused_until is null or paused_until < now())`
}
