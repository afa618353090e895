import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p15: PolicyPromise = {
  id: 'P15',
  statement: 'The subscriber reviews, corrects, exports and deletes what is held, free of charge.',
  check: async () =>
    notBuilt('The dashboard does each of these; a live check of the whole inventory is not built yet.'),
}
