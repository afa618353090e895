import { randomBytes } from 'node:crypto'
import { countFailure, readFailures } from '#db/control/queries/lookup'
import { MINUTE_MS } from '#lib/clock'
import { LIMITS } from '#lib/limits'
import { failing, kept, type PolicyPromise } from '#server/promises/promise'

export const p20: PolicyPromise = {
  id: 'P20',
  statement: 'Unauthorised access is prevented, detected and recorded.',
  check: async ({ services }) => {
    const { lookup } = services.db.control
    const key = randomBytes(16)
    const now = services.clock.now().getTime()
    const minute = new Date(Math.floor(now / MINUTE_MS) * MINUTE_MS)
    await countFailure(lookup, [key], minute)
    await countFailure(lookup, [key], minute)
    const [counted = 0] = await readFailures(lookup, [key], new Date(now - LIMITS.failedLoginWindowMs))
    if (Number(counted) !== 2) return failing(`Two failed sign-ins were counted as ${counted}.`)
    const unknown = `nobody-${key.toString('hex')}@unknown.invalid`
    const login = {
      username: unknown,
      password: randomBytes(12).toString('hex'),
      protocol: 'web' as const,
      peer: 'promise check',
    }
    const answer = await services.core.directory.signIn(login)
    if (answer.ok) return failing('A name that does not exist was let in.')
    return kept(
      `Failed sign-ins are counted across all doors; after ${LIMITS.failedLoginsPerAccountFromNetwork} in ${LIMITS.failedLoginWindowMs / MINUTE_MS} minutes a door asks for patience; every act of staff is on the ledger.`,
    )
  },
}
