import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p16: PolicyPromise = {
  id: 'P16',
  statement: 'Any new purpose needs consent; sensitive sharing is opt-in.',
  check: async () => notBuilt('There is no consent ledger yet.'),
}
