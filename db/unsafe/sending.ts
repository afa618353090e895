import { GROUPS } from '#db/policies/install'
import type { UnsafeFunction } from '#db/unsafe/function'

/** Recipients of this hour, and of the last one by the part of it that is less than an hour ago: no burst around the full hour gets twice its share. */
const LAST_HOUR = (
  scope: string,
) => `(select coalesce(sum(case when c.hour = h then c.recipients else c.recipients * (1 - part) end), 0)
  from send_count c where c.scope_id = ${scope} and c.hour >= h - interval '1 hour')`
const LAST_DAY = (scope: string) => `(select coalesce(sum(c.recipients), 0) from send_count c
  where c.scope_id = ${scope} and c.hour > now() - interval '24 hours')`

/** One level of `take_send`: answers and stops when the cap would be passed. `freeze` is what is done first. */
const level = (name: 'account' | 'tenant' | 'reseller', scope: string, freeze: string): string => `
  hour_cap := p_${name}_hour; day_cap := p_${name}_day;
  select c.recipients_per_hour, c.recipients_per_day into hour_cap, day_cap from send_cap c where c.scope_id = ${scope};
  if not found then hour_cap := p_${name}_hour; day_cap := p_${name}_day; end if;
  if ${LAST_HOUR(scope)} + p_recipients > hour_cap or ${LAST_DAY(scope)} + p_recipients > day_cap then
    ${freeze}
    return query select 'rate'::text, '${name}'::text;
    return;
  end if;`

/** Why it stopped goes into the ledgers of tenant and reseller: they lift it, and hear of it there. */
const freezeAccount = (cause: 'rate' | 'bounces'): string => `
  insert into send_freeze (scope_id, kind, tenant_id, reseller_id, cause) values (p_account, 'account', p_tenant, owner_id, '${cause}')
    on conflict (scope_id) do nothing;
  if found then
    insert into audit (id, reseller_id, tenant_id, account_id, actor_kind, action, outcome, facts)
      values (gen_random_uuid(), owner_id, p_tenant, p_account, 'system', 'sending.freeze', 'done', jsonb_build_object('cause', '${cause}'));
  end if;`

/** Reads across tenants: what may be sent, counted over all processes. */
export const SENDING_FUNCTIONS: readonly UnsafeFunction[] = [
  {
    // Counts for the account, its tenant and its reseller, always locked in this order. Nothing is counted of what is refused.
    name: 'take_send',
    args: 'p_tenant uuid, p_account uuid, p_recipients int, p_account_hour int, p_account_day int, p_tenant_hour int, p_tenant_day int, p_reseller_hour int, p_reseller_day int',
    returns: 'table (reason text, level text)',
    language: 'plpgsql',
    body: `declare
        owner_id uuid; h timestamptz := date_trunc('hour', now());
        part double precision := extract(epoch from now() - date_trunc('hour', now())) / 3600;
        hour_cap int; day_cap int; frozen text;
      begin
        select t.reseller_id into owner_id from tenant t where t.id = p_tenant;
        if owner_id is null then
          return query select 'frozen'::text, 'tenant'::text;
          return;
        end if;
        insert into send_count (scope_id, hour, kind) values (p_account, h, 'account') on conflict do nothing;
        insert into send_count (scope_id, hour, kind) values (p_tenant, h, 'tenant') on conflict do nothing;
        insert into send_count (scope_id, hour, kind) values (owner_id, h, 'reseller') on conflict do nothing;
        perform 1 from send_count c where c.scope_id = p_account and c.hour = h for update;
        perform 1 from send_count c where c.scope_id = p_tenant and c.hour = h for update;
        perform 1 from send_count c where c.scope_id = owner_id and c.hour = h for update;
        select f.kind into frozen from send_freeze f where f.scope_id in (p_account, p_tenant, owner_id) order by f.kind limit 1;
        if frozen is not null then
          return query select 'frozen'::text, frozen;
          return;
        end if;
        ${level('account', 'p_account', freezeAccount('rate'))}
        ${level('tenant', 'p_tenant', '')}
        ${level('reseller', 'owner_id', '')}
        update send_count c set messages = c.messages + 1, recipients = c.recipients + p_recipients
          where c.hour = h and c.scope_id in (p_account, p_tenant, owner_id);
      end`,
    volatile: true,
    to: [GROUPS.lookup],
  },
  {
    // A failure that speaks of the sender's conduct. From so many in a day on, and so large a part of what was sent, the account sends no more.
    name: 'count_bounce',
    args: 'p_tenant uuid, p_account uuid, p_least int, p_percent int',
    returns: 'boolean',
    language: 'plpgsql',
    body: `declare owner_id uuid; h timestamptz := date_trunc('hour', now()); bounced bigint; sent bigint; begin
        select t.reseller_id into owner_id from tenant t where t.id = p_tenant;
        if owner_id is null then return false; end if;
        insert into send_count (scope_id, hour, kind, bounces) values (p_account, h, 'account', 1)
          on conflict (scope_id, hour) do update set bounces = send_count.bounces + 1;
        select sum(c.bounces), sum(c.recipients) into bounced, sent from send_count c
          where c.scope_id = p_account and c.hour > now() - interval '24 hours';
        if bounced < p_least or bounced * 100 < sent * p_percent then return false; end if;
        ${freezeAccount('bounces')}
        return true;
      end`,
    volatile: true,
    to: [GROUPS.lookup],
  },
  {
    // With a freeze that is lifted goes what would freeze the account again at once. Only of what the caller's own tenant has frozen.
    name: 'forgive_sending',
    args: 'p_scope uuid',
    returns: 'void',
    body: `update send_count c set bounces = 0, recipients = case when c.hour >= now() - interval '2 hours' then 0 else c.recipients end
           where c.scope_id = p_scope and c.hour > now() - interval '24 hours' and exists (select 1 from send_freeze f
             where f.scope_id = p_scope and f.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`,
    volatile: true,
    to: [GROUPS.app],
  },
  {
    name: 'sending_pool_of',
    args: 'p_tenant uuid',
    returns: 'table (addresses text[], helo_name text)',
    body: `select p.addresses, p.helo_name from tenant t
           left join pool_of_reseller o on o.reseller_id = t.reseller_id
           join sending_pool p on p.name = coalesce(o.pool, 'default')
           where t.id = p_tenant`,
    to: [GROUPS.lookup],
  },
]
