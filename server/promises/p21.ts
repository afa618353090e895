import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p21: PolicyPromise = {
  id: 'P21',
  statement: 'Support communication may be kept to solve issues.',
  check: async () => notBuilt('There are no support tickets yet.'),
}
