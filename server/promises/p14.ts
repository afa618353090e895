import { notBuilt, type PolicyPromise } from '#server/promises/promise'

export const p14: PolicyPromise = {
  id: 'P14',
  statement: 'Mail logs and connection logs live 30 days; only sanitised statistics may live on.',
  check: async () => notBuilt('No mail or connection log with addresses is kept yet.'),
}
