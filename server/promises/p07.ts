import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p07: PolicyPromise = {
  id: 'P7',
  statement: 'Nothing looks at content but automated virus and spam checks, and what the owner asked for.',
  check: async () =>
    notBuilt('No virus or spam check is connected yet; nothing else reads content, but no live check shows it.'),
}
