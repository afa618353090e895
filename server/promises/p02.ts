import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p02: PolicyPromise = {
  id: 'P2',
  statement: 'A language or other preference is remembered only when it is asked for.',
  check: async () => notBuilt('No preference is remembered yet.'),
}
