import { GROUPS } from '#db/policies/install'
import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: where mail for an address goes. */
export const ADDRESS_FUNCTIONS: readonly UnsafeFunction[] = [
  {
    // Whose reports about a verified domain are, and where they are kept.
    name: 'home_of_domain',
    args: 'wanted text',
    returns: 'table (tenant_id uuid, region text)',
    body: `select t.id, t.region from domain d join tenant t on t.id = d.tenant_id where d.state = 'verified' and d.name = wanted`,
    to: [GROUPS.lookup],
  },
  {
    // Groups and lists at addresses: a group with its members here, a row each; a list, or a group of nobody, with one row without account.
    // An address in quarantine has one row without group.
    name: 'groups_at',
    args: 'hashes bytea[]',
    returns:
      'table (address_hash bytea, tenant_id uuid, tenant_region text, open boolean, group_id uuid, kind text, posting text, account_id uuid, region text, public_key bytea, key_version int, state text)',
    body: `select d.address_hash, d.tenant_id, t.region, t.state = 'active' and r.state = 'active', g.id, g.kind, g.posting, a.id, a.region, a.public_key, a.key_version, a.state
           from directory d
           left join address_group g on g.tenant_id = d.tenant_id and g.id = d.group_id
           join tenant t on t.id = d.tenant_id
           join reseller r on r.id = t.reseller_id
           left join group_member m on g.kind = 'group' and m.tenant_id = g.tenant_id and m.group_id = g.id and m.account_id is not null
           left join account a on a.tenant_id = m.tenant_id and a.id = m.account_id
           where d.address_hash = any(hashes) and (g.id is not null or (d.account_id is null and d.free_at > now()))`,
    to: [GROUPS.lookup],
  },
  {
    // A list as the deliver role needs it: what it is, and a row for each member (one without member where there is none).
    name: 'list_with_members',
    args: 'of_tenant uuid, of_group uuid',
    returns:
      'table (sealed bytea, posting text, member_id uuid, address_sealed bytea, address_hash bytea, account_id uuid, region text, public_key bytea, key_version int, state text)',
    body: `select g.sealed, g.posting, m.id, m.address_sealed, m.address_hash, a.id, a.region, a.public_key, a.key_version, a.state
           from address_group g
           left join group_member m on m.tenant_id = g.tenant_id and m.group_id = g.id
           left join account a on a.tenant_id = m.tenant_id and a.id = m.account_id
           where g.tenant_id = of_tenant and g.id = of_group and g.kind = 'list'`,
    to: [GROUPS.lookup],
  },
  {
    // Somebody elsewhere leaves a list by mail.
    name: 'leave_list',
    args: 'of_tenant uuid, of_group uuid, hash bytea',
    returns: 'boolean',
    language: 'plpgsql',
    volatile: true,
    body: `begin
             delete from group_member m using address_group g
             where g.tenant_id = of_tenant and g.id = of_group and g.kind = 'list'
               and m.tenant_id = g.tenant_id and m.group_id = g.id and m.address_hash = hash;
             return found;
           end`,
    to: [GROUPS.lookup],
  },
  {
    // Who gets mail of a verified domain that names nobody (catch-all), and who gets what is for its postmaster (RFC 2142): its oldest admin.
    name: 'stand_ins',
    args: 'names text[]',
    returns:
      'table (name text, role text, tenant_id uuid, account_id uuid, region text, public_key bytea, key_version int, state text)',
    body: `select n.name, n.role, n.tenant_id, a.id, a.region, a.public_key, a.key_version,
             case when t.state <> 'active' or r.state <> 'active' then 'suspended' else a.state end
           from (select d.name, 'catch-all' as role, d.tenant_id, d.catch_all_id as id from domain d where d.state = 'verified' and d.name = any(names)
                 union all
                 select d.name, 'postmaster', d.tenant_id,
                   (select o.id from account o where o.tenant_id = d.tenant_id and o.role = 'admin' and o.state = 'active' order by o.created_at, o.id limit 1)
                 from domain d where d.state = 'verified' and d.name = any(names)) n
           join account a on a.tenant_id = n.tenant_id and a.id = n.id
           join tenant t on t.id = n.tenant_id
           join reseller r on r.id = t.reseller_id`,
    to: [GROUPS.lookup],
  },
]
