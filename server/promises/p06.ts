import { readProfile } from '#server/directory-cache'
import { failing, kept, notBuilt, type PolicyPromise } from '#server/promises/promise'
import { sampleAccounts } from '#server/promises/sample'

/** Larger mailboxes are left to fsck. */
const MOST_MESSAGES = 2_000

export const p06: PolicyPromise = {
  id: 'P6',
  statement: 'Mail, attachments, subjects, headers and personal data are encrypted at rest.',
  check: async ({ services }) => {
    const sample = await sampleAccounts(services, 20)
    if (sample.length === 0) return notBuilt('There is no account yet to look at.')
    let bodies = 0
    let mailboxes = 0
    for (const account of sample) {
      const { tenantId, id: accountId, region, profileSealed } = account
      if (!profileSealed) continue
      const key = await services.core.keys.profileKey(tenantId, accountId)
      const { address, name } = readProfile(key, profileSealed, tenantId, accountId)
      if (profileSealed.includes(address) || profileSealed.includes(name))
        return failing(`The profile of account ${accountId} stands in clear.`)
      const usage = (await services.core.usage(tenantId, region)).get(accountId)
      if (mailboxes >= 5 || !usage || usage.messages > MOST_MESSAGES) continue
      // Opens every name, body and metadata row: what is not sealed under this account's keys does not open.
      const report = await services.core.check({ tenantId, accountId, region })
      if (report.problems.length > 0)
        return failing(`${report.problems.length} items of account ${accountId} are not sealed as they should be.`)
      bodies += report.bodies
      mailboxes++
    }
    return kept(
      `${sample.length} profiles held no clear text; ${bodies} message bodies in ${mailboxes} mailboxes opened with their own keys only.`,
    )
  },
}
