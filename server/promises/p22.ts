import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p22: PolicyPromise = {
  id: 'P22',
  statement: 'Aggregate, non-personal statistics may be published.',
  check: async () => notBuilt('There is no public statistics page yet.'),
}
