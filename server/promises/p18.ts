import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p18: PolicyPromise = {
  id: 'P18',
  statement: 'Processors are listed; disclosure only on a valid, binding order.',
  check: async () => notBuilt('There is no register of legal requests yet.'),
}
