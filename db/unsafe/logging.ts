import { GROUPS } from '#db/policies/install'
import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: keys of logs and of accounts, public halves only. */
export const LOGGING_FUNCTIONS: readonly UnsafeFunction[] = [
  {
    // What the lines of one day's logs are sealed to.
    name: 'log_key',
    args: 'wanted int',
    returns: 'bytea',
    body: 'select public_key from log_key where day = wanted',
    to: [GROUPS.lookup],
  },
  {
    // What an account's receipts are sealed to.
    name: 'account_key',
    args: 'of_tenant uuid, of_account uuid',
    returns: 'table (public_key bytea, key_version int)',
    body: `select public_key, key_version from account where tenant_id = of_tenant and id = of_account and state <> 'closed'`,
    to: [GROUPS.lookup],
  },
]
