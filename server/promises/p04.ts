import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p04: PolicyPromise = {
  id: 'P4',
  statement:
    'Card data never touches the system; what accounting law asks for is kept as long as it says and no longer.',
  check: async () => notBuilt('Nothing is sold here yet, so no payment data exists.'),
}
