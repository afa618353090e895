import { failing, notBuilt, type PolicyPromise } from '#server/promises/promise'
import { sampleAccounts } from '#server/promises/sample'

export const p11: PolicyPromise = {
  id: 'P11',
  statement: 'Data is stored where the subscriber chose at registration, and moves when they choose again.',
  check: async ({ services }) => {
    const sample = await sampleAccounts(services, 50)
    if (sample.length === 0) return notBuilt('There is no account yet to look at.')
    for (const { tenantId, id, region } of sample) {
      if (!(await services.core.usage(tenantId, region)).has(id))
        return failing(`The mailbox of account ${id} is not in its region.`)
      for (const other of services.db.regions.filter((one) => one !== region)) {
        if ((await services.core.usage(tenantId, other)).has(id))
          return failing(`Account ${id} has a mailbox in another region too.`)
      }
    }
    return notBuilt(
      `${sample.length} mailboxes are in the region of their account and in no other; moving to another is not built yet.`,
    )
  },
}
