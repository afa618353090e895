import { GROUPS } from '#db/policies/install'
import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: signing keys and policies of domains. A domain's name is public, and so is all that is answered here. */
export const SIGNING_FUNCTIONS: readonly UnsafeFunction[] = [
  {
    // The active keys of a verified domain; their private halves are in the key database.
    name: 'signing_keys',
    args: 'wanted text',
    returns: 'table (tenant_id uuid, id uuid, selector text, algorithm text)',
    body: `select k.tenant_id, k.id, k.selector, k.algorithm
           from domain d join dkim_key k on k.tenant_id = d.tenant_id and k.domain_id = d.id
           where d.name = wanted and d.state = 'verified' and k.state = 'active'
           order by k.algorithm, k.state_at desc`,
    to: [GROUPS.lookup],
  },
  {
    // What the hosts mta-sts, autoconfig and autodiscover of a verified domain say; no row for any other name.
    name: 'published_policy',
    args: 'wanted text',
    returns: 'table (mta_sts text)',
    body: `select d.mta_sts from domain d where d.name = wanted and d.state = 'verified'`,
    to: [GROUPS.lookup],
  },
]
