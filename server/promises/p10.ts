import { readProfile } from '#server/directory-cache'
import { failing, kept, notBuilt, type PolicyPromise } from '#server/promises/promise'
import { sampleAccounts } from '#server/promises/sample'

export const p10: PolicyPromise = {
  id: 'P10',
  statement: 'Mail between subscribers never leaves the network.',
  check: async ({ services }) => {
    const sample = await sampleAccounts(services, 50)
    if (sample.length === 0) return notBuilt('There is no account yet to look at.')
    for (const { tenantId, id, profileSealed } of sample) {
      if (!profileSealed) continue
      const { address } = readProfile(await services.core.keys.profileKey(tenantId, id), profileSealed, tenantId, id)
      const [resolved] = await services.core.directory.resolve([address])
      if (!resolved || resolved.kind === 'remote') return failing(`Mail for account ${id} would leave the network.`)
    }
    return kept(`${sample.length} addresses of subscribers were resolved as the doors do; each stays inside.`)
  },
}
