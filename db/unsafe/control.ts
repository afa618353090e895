import { GROUPS } from '#db/policies/install'
import { ADDRESS_FUNCTIONS } from '#db/unsafe/addresses'
import { CHECKING_FUNCTIONS } from '#db/unsafe/checking'
import type { UnsafeFunction } from '#db/unsafe/function'
import { LOGGING_FUNCTIONS } from '#db/unsafe/logging'
import { SENDING_FUNCTIONS } from '#db/unsafe/sending'
import { SIGNING_FUNCTIONS } from '#db/unsafe/signing'

/**
 * The few reads across tenants, as functions that run with the owner's rights (SECURITY DEFINER) and answer one question each.
 * A test holds the catalogue against this list, so that none is added in silence. All take keyed hashes, never clear addresses.
 */
export const UNSAFE_FUNCTIONS: readonly UnsafeFunction[] = [
  ...ADDRESS_FUNCTIONS,
  ...CHECKING_FUNCTIONS,
  ...LOGGING_FUNCTIONS,
  ...SENDING_FUNCTIONS,
  ...SIGNING_FUNCTIONS,
  {
    name: 'recipients',
    args: 'hashes bytea[]',
    returns:
      'table (address_hash bytea, tenant_id uuid, account_id uuid, region text, public_key bytea, key_version int, state text)',
    body: `select d.address_hash, d.tenant_id, d.account_id, a.region, a.public_key, a.key_version,
             case when d.blocked then 'blocked' when t.state <> 'active' or r.state <> 'active' then 'suspended' else a.state end
           from directory d
           join account a on a.tenant_id = d.tenant_id and a.id = d.account_id
           join tenant t on t.id = d.tenant_id
           join reseller r on r.id = t.reseller_id
           where d.address_hash = any(hashes)`,
    to: [GROUPS.lookup],
  },
  {
    name: 'hosted_domains',
    args: 'names text[]',
    returns: 'table (name text)',
    body: `select d.name from domain d where d.state = 'verified' and d.name = any(names)`,
    to: [GROUPS.lookup, GROUPS.app],
  },
  {
    name: 'domain_holder',
    args: 'wanted text',
    returns: 'table (tenant_id uuid, id uuid)',
    body: `select d.tenant_id, d.id from domain d where d.state = 'verified' and d.name = wanted`,
    to: [GROUPS.app, GROUPS.lookup],
  },
  {
    name: 'account_for_sign_in',
    args: 'p_hash bytea',
    returns:
      'table (tenant_id uuid, account_id uuid, region text, state text, tenant_state text, role text, epoch int, credential_id uuid, kind text, secret_hash text, protocols text[])',
    body: `select d.tenant_id, d.account_id, a.region, a.state,
             case when r.state <> 'active' then r.state else t.state end, a.role, a.sign_in_epoch, c.id, c.kind, c.hash, c.protocols
           from directory d
           join account a on a.tenant_id = d.tenant_id and a.id = d.account_id
           join tenant t on t.id = d.tenant_id
           join reseller r on r.id = t.reseller_id
           join credential c on c.tenant_id = a.tenant_id and c.account_id = a.id
           where d.address_hash = p_hash and d.kind in ('primary', 'alias')`,
    to: [GROUPS.lookup],
  },
  {
    name: 'staff_for_sign_in',
    args: 'p_hash bytea',
    returns: 'table (staff_id uuid, kind text, reseller_id uuid, password_hash text, state text, epoch int)',
    body: `select s.id, s.kind, s.reseller_id, s.password_hash,
             case when r.state is not null and r.state <> 'active' then r.state else s.state end, s.sign_in_epoch
           from staff s left join reseller r on r.id = s.reseller_id where s.email_hash = p_hash`,
    to: [GROUPS.lookup],
  },
  {
    name: 'live_session',
    args: 'p_hash bytea, idle_s double precision',
    returns:
      'table (kind text, tenant_id uuid, account_id uuid, staff_id uuid, staff_kind text, reseller_id uuid, role text, region text, credential_state text, expires_at timestamptz, last_seen_at timestamptz)',
    body: `select s.kind, s.tenant_id, s.account_id, s.staff_id, f.kind, coalesce(f.reseller_id, t.reseller_id), a.role, a.region,
             case when s.kind = 'account' then (case when r.state <> 'active' or t.state <> 'active' then 'suspended' else a.state end)
                  else (case when fr.state is not null and fr.state <> 'active' then 'suspended' else f.state end) end,
             s.expires_at, s.last_seen_at
           from session s
           left join account a on a.tenant_id = s.tenant_id and a.id = s.account_id
           left join tenant t on t.id = s.tenant_id
           left join reseller r on r.id = t.reseller_id
           left join staff f on f.id = s.staff_id
           left join reseller fr on fr.id = f.reseller_id
           where s.token_hash = p_hash and s.expires_at > now() and s.last_seen_at > now() - make_interval(secs => idle_s)
             and s.epoch = coalesce(a.sign_in_epoch, f.sign_in_epoch)`,
    to: [GROUPS.lookup],
  },
  {
    name: 'touch_session',
    args: 'p_hash bytea',
    returns: 'void',
    body: `update session set last_seen_at = now() where token_hash = p_hash and last_seen_at < now() - interval '1 minute'`,
    volatile: true,
    to: [GROUPS.lookup],
  },
  {
    name: 'end_session',
    args: 'p_hash bytea',
    returns: 'void',
    body: `delete from session where token_hash = p_hash`,
    volatile: true,
    to: [GROUPS.lookup],
  },
  {
    name: 'touch_credential',
    args: 'p_tenant uuid, p_credential uuid',
    returns: 'void',
    body: `update credential set last_used_at = now()
           where tenant_id = p_tenant and id = p_credential and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    volatile: true,
    to: [GROUPS.lookup],
  },
  {
    // Whoever asks has the token: its hash cannot be guessed. One that is over is not found.
    name: 'account_for_token',
    args: 'p_hash bytea',
    returns:
      'table (tenant_id uuid, account_id uuid, region text, state text, tenant_state text, epoch int, token_id uuid, protocols text[], address_sealed bytea)',
    body: `select a.tenant_id, a.id, a.region, a.state, case when r.state <> 'active' then r.state else t.state end,
             a.sign_in_epoch, k.id, k.protocols, k.address_sealed
           from access_token k
           join account a on a.tenant_id = k.tenant_id and a.id = k.account_id
           join tenant t on t.id = a.tenant_id
           join reseller r on r.id = t.reseller_id
           where k.hash = p_hash and k.expires_at > now()`,
    to: [GROUPS.lookup],
  },
  {
    name: 'touch_access_token',
    args: 'p_tenant uuid, p_token uuid',
    returns: 'void',
    body: `update access_token set last_used_at = now()
           where tenant_id = p_tenant and id = p_token and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    volatile: true,
    to: [GROUPS.lookup],
  },
  {
    name: 'address_of',
    args: 'p_tenant uuid, p_account uuid, p_hash bytea',
    returns: 'boolean',
    body: `select exists (select 1 from directory d where d.address_hash = p_hash and d.tenant_id = p_tenant and d.account_id = p_account and not d.blocked)`,
    to: [GROUPS.lookup],
  },
  {
    name: 'queue_key',
    args: 'p_tenant uuid',
    returns: 'table (public_key bytea, key_version int)',
    body: `select t.queue_public_key, t.queue_key_version from tenant t where t.id = p_tenant`,
    to: [GROUPS.lookup],
  },
  {
    name: 'failures',
    args: 'keys bytea[], since timestamptz',
    returns: 'table (key_hash bytea, failures bigint)',
    body: `select f.key_hash, sum(f.failures) from sign_in_failure f where f.key_hash = any(keys) and f.window_start >= since group by 1`,
    to: [GROUPS.lookup],
  },
  {
    name: 'count_failure',
    args: 'keys bytea[], minute timestamptz',
    returns: 'void',
    body: `insert into sign_in_failure (key_hash, window_start, failures) select k, minute, 1 from unnest(keys) k order by k
           on conflict (key_hash, window_start) do update set failures = sign_in_failure.failures + 1`,
    volatile: true,
    to: [GROUPS.lookup],
  },
  {
    name: 'address_state',
    args: 'p_hash bytea',
    returns: 'table (taken boolean, free_at timestamptz)',
    body: `select d.account_id is not null or d.group_id is not null, d.free_at from directory d
           where d.address_hash = p_hash and (d.account_id is not null or d.group_id is not null or d.free_at > now())`,
    to: [GROUPS.app],
  },
  {
    // An address whose quarantine is over is free for any tenant; its old row belongs to another and only the owner may remove it.
    name: 'free_address',
    args: 'p_hash bytea',
    returns: 'void',
    body: `delete from directory d where d.address_hash = p_hash and d.account_id is null and d.free_at <= now()`,
    volatile: true,
    to: [GROUPS.app],
  },
  {
    // Locks from the top down (reseller, then tenant), always in this order, until the caller's transaction ends: two creations cannot both take the last seat.
    name: 'lock_seats',
    args: 'tenant_wanted uuid',
    returns:
      'table (tenant_cap int, tenant_used bigint, reserved boolean, reseller_cap int, reseller_claimed bigint, storage_cap bigint, storage_given bigint, reseller_storage_cap bigint, reseller_storage_claimed bigint)',
    language: 'plpgsql',
    body: `declare owner_id uuid; begin
             select t.reseller_id into owner_id from tenant t where t.id = tenant_wanted;
             perform 1 from reseller r where r.id = owner_id for update;
             perform 1 from tenant t where t.id = tenant_wanted for update;
             return query select t.seats_cap, (select count(*) from account a where a.tenant_id = t.id and a.state <> 'closed'), t.seats_reserved, r.seats_cap,
               (select coalesce(sum(case when x.seats_reserved then x.seats_cap else (select count(*) from account b where b.tenant_id = x.id and b.state <> 'closed') end), 0)::bigint
                from tenant x where x.reseller_id = r.id),
               t.storage_cap_bytes, (select coalesce(sum(a.quota_bytes), 0)::bigint from account a where a.tenant_id = t.id and a.state <> 'closed'), r.storage_cap_bytes,
               (select coalesce(sum(coalesce(x.storage_cap_bytes, (select sum(b.quota_bytes) from account b where b.tenant_id = x.id and b.state <> 'closed'), 0)), 0)::bigint
                from tenant x where x.reseller_id = r.id)
             from tenant t join reseller r on r.id = t.reseller_id where t.id = tenant_wanted;
           end`,
    volatile: true,
    to: [GROUPS.app],
  },
  {
    name: 'lock_reseller',
    args: 'reseller_wanted uuid',
    returns:
      'table (seats_cap int, seats_claimed bigint, domains_cap int, domains_used bigint, storage_cap bigint, storage_claimed bigint)',
    language: 'plpgsql',
    body: `begin
             perform 1 from reseller r where r.id = reseller_wanted for update;
             return query select r.seats_cap,
               (select coalesce(sum(case when x.seats_reserved then x.seats_cap else (select count(*) from account b where b.tenant_id = x.id and b.state <> 'closed') end), 0)::bigint
                from tenant x where x.reseller_id = r.id),
               r.domains_cap, (select count(*) from domain d join tenant x on x.id = d.tenant_id where x.reseller_id = r.id),
               r.storage_cap_bytes,
               (select coalesce(sum(coalesce(x.storage_cap_bytes, (select sum(b.quota_bytes) from account b where b.tenant_id = x.id and b.state <> 'closed'), 0)), 0)::bigint
                from tenant x where x.reseller_id = r.id)
             from reseller r where r.id = reseller_wanted;
           end`,
    volatile: true,
    to: [GROUPS.app, GROUPS.system],
  },
]

/** Statements that (re)make the functions, each callable by the roles it names and nobody else. */
export function unsafeStatements(): string[] {
  const out = [
    `create schema if not exists unsafe authorization ${GROUPS.owner}`,
    `grant usage on schema unsafe to ${GROUPS.app}, ${GROUPS.lookup}, ${GROUPS.system}`,
    `create unique index if not exists domain_verified_once on domain (name) where state = 'verified'`,
  ]
  for (const f of UNSAFE_FUNCTIONS) {
    const types = f.args
      .split(',')
      .map((arg) => arg.trim().split(' ').slice(1).join(' '))
      .join(', ')
    out.push(
      `drop function if exists unsafe.${f.name}(${types})`,
      `create function unsafe.${f.name}(${f.args}) returns ${f.returns} language ${f.language ?? 'sql'} ${f.volatile ? 'volatile' : 'stable'}
       security definer set search_path = public, pg_temp as $body$ ${f.body} $body$`,
      `revoke all on function unsafe.${f.name}(${types}) from public`,
      `grant execute on function unsafe.${f.name}(${types}) to ${f.to.join(', ')}`,
    )
  }
  return out
}
