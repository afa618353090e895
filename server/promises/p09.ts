import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p09: PolicyPromise = {
  id: 'P9',
  statement: "The sender's originating IP never leaves in mail.",
  check: async () =>
    notBuilt('Traces of the client are removed at submission; no live check sends a message to show it yet.'),
}
