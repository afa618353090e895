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
]
