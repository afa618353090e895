import { GROUPS } from '#db/policies/install'
import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: what the checks of incoming mail ask. */
export const CHECKING_FUNCTIONS: readonly UnsafeFunction[] = [
  {
    // `has_rules`: whether any rule can concern mail to the tenant at all, so that most mail asks for none. Each `exists` is one probe of sender_rule_once.
    name: 'mail_policies',
    args: 'tenants uuid[]',
    returns:
      'table (tenant_id uuid, spam text, junk_score_tenths int, reject_score_tenths int, greylist text, dmarc text, has_rules boolean)',
    body: `select t.id, p.spam, p.junk_score_tenths, p.reject_score_tenths, p.greylist, p.dmarc,
             exists (select 1 from sender_rule r where r.reseller_id is null and r.tenant_id = t.id)
             or exists (select 1 from sender_rule r where r.reseller_id = t.reseller_id)
             or exists (select 1 from sender_rule r where r.reseller_id is null and r.tenant_id is null)
           from tenant t left join mail_policy p on p.tenant_id = t.id where t.id = any(tenants)`,
    to: [GROUPS.lookup],
  },
  {
    // Rules of these accounts, their tenants, those tenants' resellers and the operator that have one of the hashes.
    name: 'matching_rules',
    args: 'tenants uuid[], accounts uuid[], hashes bytea[]',
    returns: 'table (tenant_id uuid, account_id uuid, level int, action text, pattern_hash bytea)',
    body: `select t.id, r.account_id,
             case when r.account_id is not null then 0 when r.tenant_id is not null then 1 when r.reseller_id is not null then 2 else 3 end,
             r.action, r.pattern_hash
           from sender_rule r join tenant t on t.id = any(tenants)
             and (r.tenant_id = t.id and (r.account_id is null or r.account_id = any(accounts))
               or r.tenant_id is null and (r.reseller_id is null or r.reseller_id = t.reseller_id))
           where r.pattern_hash = any(hashes)`,
    to: [GROUPS.lookup],
  },
]
