import { sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'

export interface ControlFinding {
  kind: string
  id: string
}

/** One statement per invariant of the control database; each answers with the ids of the rows that break it. Run by the system role. */
const CHECKS: readonly { kind: string; query: ReturnType<typeof sql> }[] = [
  {
    kind: 'tenant has more accounts than seats',
    query: sql`select t.id::text id from tenant t
      where (select count(*) from account a where a.tenant_id = t.id and a.state <> 'closed') > t.seats_cap`,
  },
  {
    kind: 'reseller has given out more seats than it has',
    query: sql`select r.id::text id from reseller r where r.seats_cap < (
      select coalesce(sum(case when t.seats_reserved then t.seats_cap
        else (select count(*) from account a where a.tenant_id = t.id and a.state <> 'closed') end), 0)
      from tenant t where t.reseller_id = r.id)`,
  },
  {
    kind: 'tenant has more domains than its cap',
    query: sql`select t.id::text id from tenant t where t.domains_cap < (select count(*) from domain d where d.tenant_id = t.id)`,
  },
  {
    kind: 'reseller has more domains than its cap',
    query: sql`select r.id::text id from reseller r
      where r.domains_cap < (select count(*) from domain d join tenant t on t.id = d.tenant_id where t.reseller_id = r.id)`,
  },
  {
    kind: 'living account without an address',
    query: sql`select a.id::text id from account a where a.state <> 'closed'
      and not exists (select 1 from directory d where d.tenant_id = a.tenant_id and d.account_id = a.id and d.kind = 'primary')`,
  },
  {
    kind: 'address of an account that is closed or absent',
    query: sql`select encode(d.address_hash, 'hex') id from directory d where d.account_id is not null
      and not exists (select 1 from account a where a.tenant_id = d.tenant_id and a.id = d.account_id and a.state <> 'closed')`,
  },
  {
    kind: 'address without account and without end of quarantine',
    query: sql`select encode(d.address_hash, 'hex') id from directory d where d.account_id is null and d.group_id is null and d.free_at is null`,
  },
  {
    kind: 'address of a group that is absent, or of a group and an account at once',
    query: sql`select encode(d.address_hash, 'hex') id from directory d where d.group_id is not null
      and (d.account_id is not null or not exists (select 1 from address_group g where g.tenant_id = d.tenant_id and g.id = d.group_id))`,
  },
  {
    kind: 'group or list without an address',
    query: sql`select g.id::text id from address_group g
      where not exists (select 1 from directory d where d.tenant_id = g.tenant_id and d.group_id = g.id)`,
  },
  {
    kind: 'member or catch-all that is a closed account',
    query: sql`select a.id::text id from account a where a.state = 'closed'
      and (exists (select 1 from group_member m where m.tenant_id = a.tenant_id and m.account_id = a.id)
        or exists (select 1 from domain d where d.tenant_id = a.tenant_id and d.catch_all_id = a.id))`,
  },
  {
    kind: 'address on a domain that is absent or not verified',
    query: sql`select encode(d.address_hash, 'hex') id from directory d where d.account_id is not null
      and not exists (select 1 from domain x where x.tenant_id = d.tenant_id and x.id = d.domain_id and x.state = 'verified')`,
  },
  {
    kind: 'living account without a password',
    query: sql`select a.id::text id from account a where a.state <> 'closed'
      and not exists (select 1 from credential c where c.tenant_id = a.tenant_id and c.account_id = a.id and c.kind = 'password')`,
  },
  {
    kind: 'closed account that keeps a profile, a key or credentials',
    query: sql`select a.id::text id from account a where a.state = 'closed' and (a.profile_sealed is not null or length(a.public_key) > 0
      or exists (select 1 from credential c where c.tenant_id = a.tenant_id and c.account_id = a.id)
      or exists (select 1 from access_token k where k.tenant_id = a.tenant_id and k.account_id = a.id))`,
  },
  {
    kind: 'active account without profile or key',
    query: sql`select a.id::text id from account a
      where a.state in ('active', 'suspended') and (a.profile_sealed is null or length(a.public_key) <> 32)`,
  },
  {
    kind: 'account in another region than its tenant',
    query: sql`select a.id::text id from account a join tenant t on t.id = a.tenant_id where a.region <> t.region`,
  },
  {
    kind: 'session of a closed account',
    query: sql`select s.account_id::text id from session s
      join account a on a.tenant_id = s.tenant_id and a.id = s.account_id where a.state = 'closed'`,
  },
  {
    kind: 'account may keep deleted mail longer than its tenant allows',
    query: sql`select a.id::text id from account a join tenant t on t.id = a.tenant_id
      where a.state <> 'closed' and a.recover_days > t.recover_days
      and not exists (select 1 from intent i where i.tenant_id = t.id and i.action = 'tenant.retention' and i.state = 'open')`,
  },
  {
    kind: 'ended intent without exactly one outcome in the ledger',
    query: sql`select i.id::text id from intent i where i.state <> 'open'
      and (select count(*) from audit u where u.intent_id = i.id and u.outcome in ('completed', 'failed')) <> 1`,
  },
  {
    kind: 'intent without its row in the ledger',
    query: sql`select i.id::text id from intent i where (select count(*) from audit u where u.intent_id = i.id and u.outcome = 'intent') <> 1`,
  },
]

/** Every broken invariant of the control database. */
export async function findControlViolations(tx: ControlTx): Promise<ControlFinding[]> {
  const out: ControlFinding[] = []
  for (const { kind, query } of CHECKS) {
    const rows = await tx.execute<{ id: string }>(query)
    for (const row of rows) out.push({ kind, id: row.id })
  }
  return out
}

/** How many invariants `findControlViolations` asks for. */
export const controlInvariants = (): number => CHECKS.length
