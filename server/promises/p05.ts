import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p05: PolicyPromise = {
  id: 'P5',
  statement: 'Paying through a reseller leaves no personal payment data with the operator.',
  check: async () => notBuilt('Nothing is sold here yet, so no payment data exists.'),
}
