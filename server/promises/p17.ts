import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p17: PolicyPromise = {
  id: 'P17',
  statement: 'What a reseller or domain admin may do is stated, and a call outside of it is refused and logged.',
  check: async () =>
    notBuilt('Acts are refused by one table and recorded; a declared contract per reseller is not built yet.'),
}
