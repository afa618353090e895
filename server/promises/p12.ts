import { Fault } from '#lib/errors'
import { failing, kept, type PolicyPromise } from '#server/promises/promise'
import { everyAccount } from '#server/promises/sample'

export const p12: PolicyPromise = {
  id: 'P12',
  statement: 'Registration data goes when the account ends, permanently.',
  check: async ({ services }) => {
    let closed = 0
    for await (const { tenantId, id, region, state, profileSealed, publicKey } of everyAccount(services)) {
      if (state !== 'closed') continue
      closed++
      if (profileSealed || publicKey.length > 0) return failing(`Account ${id} has ended and keeps a profile or a key.`)
      for (const key of [services.core.keys.profileKey, services.core.keys.mailboxKeys]) {
        const open = await key(tenantId, id).catch((error: unknown) => {
          if (error instanceof Fault && error.code === 'NOT_FOUND') return null
          throw error
        })
        if (open) return failing(`Account ${id} has ended and its keys are there.`)
      }
      if ((await services.core.usage(tenantId, region)).has(id))
        return failing(`Account ${id} has ended and its mailbox is there.`)
    }
    return kept(`${closed} accounts have ended; none has a key, a profile or a mailbox.`)
  },
}
