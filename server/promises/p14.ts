import { selectLogDays } from '#db/control/queries/log-key'
import { countTraceBefore } from '#db/mail/queries/trace'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { failing, kept, type PolicyPromise } from '#server/promises/promise'

/** Days behind the last that may be read for which a key is looked for. */
const LOOKED_BACK = 60

export const p14: PolicyPromise = {
  id: 'P14',
  statement: 'Mail logs and connection logs live 30 days; only sanitised statistics may live on.',
  check: async ({ services }) => {
    const today = Math.floor(services.clock.now().getTime() / DAY_MS)
    const first = today - LIMITS.logDays + 1
    const days = await services.db.control.withSystem('fsck', selectLogDays)
    if (!days.includes(today)) return failing('The logs of today have no key: nothing of them can be written.')
    const old = days.filter((day) => day < first)
    if (old.length > 0) return failing(`${old.length} days beyond the thirty are still published as log keys.`)
    for (let day = first - LOOKED_BACK; day < first; day++)
      if (await stands(() => services.core.keys.logPair(day)))
        return failing(`The key of the logs of ${dateOf(day)} was not destroyed.`)
    for (const region of services.db.regions) {
      const left = await services.db.mail(region).withQueue((tx) => countTraceBefore(tx, first))
      if (left > 0) return failing(`${left} log keys older than thirty days lie in region ${region}.`)
    }
    return kept(
      `The logs of ${days.filter((day) => day <= today).length} days can be read; of the ${LOOKED_BACK} days before ${dateOf(first)} neither a key nor a line is left.`,
    )
  },
}

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

async function stands(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    if (error instanceof Fault && error.code === 'NOT_FOUND') return false
    throw error
  }
}
