import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Instance, startInstance, until } from '#tests/helpers/instance'
import { emptyDns, makePeople } from '#tests/helpers/storm/ground'
import { createLedger } from '#tests/helpers/storm/ledger'
import { type Person, readThroughImap } from '#tests/helpers/storm/mailboxes'
import { startStorm } from '#tests/helpers/storm/storm'
import { verify } from '#tests/helpers/storm/verify'

/** Printed, so that a run can be had again: MAILTIGHT_TEST_SEED=<n>. */
const SEED = Number(process.env.MAILTIGHT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
/** Deaths of the MX, and of the IMAP role, that must have been lived through. */
const SHOTS = { mx: 8, imap: 3 }
const POINTS = 'after-data=0.01,before-commit=0.01,after-commit=0.01,after-append=0.03'

let instance: Instance
let dns: Awaited<ReturnType<typeof emptyDns>>
let people: Person[]
beforeAll(async () => {
  console.info(`seed ${SEED}`)
  dns = await emptyDns()
  const env = { MAILTIGHT_LIMITS: 'bench', DNS_SERVERS: dns.address, NODE_ENV: 'test', MAILTIGHT_FAILPOINTS: POINTS }
  instance = await startInstance({ env })
  people = await makePeople(instance, { tenants: 1, perTenant: 4 })
}, 240_000)
afterAll(async () => {
  await instance?.stop()
  await dns?.close()
}, 60_000)

const deaths = (role: string): number => instance.state().roles.find((one) => one.role === role)?.restarts ?? 0

describe('a process that dies at the worst moment', () => {
  it('loses no message that it answered for, and doubles none that is sent again (R-03)', async () => {
    const ledger = createLedger()
    const storm = startStorm({
      run: 'points',
      ledger,
      ports: instance.ports,
      people,
      senders: { mx: 3, submission: 0, append: 1 },
      rate: 60,
      seed: SEED,
      mode: 'mta',
      mostBytes: 3_000,
    })
    try {
      await until(
        'deaths of the MX and of IMAP',
        () => (deaths('mx') >= SHOTS.mx && deaths('imap') >= SHOTS.imap) || undefined,
        150_000,
      )
    } finally {
      await storm.stop()
    }
    console.info(`${deaths('mx')} deaths of the MX, ${deaths('imap')} of IMAP, ${ledger.count('acked')} accepted`)
    const verdict = verify(ledger, await readThroughImap(instance, people, ledger))
    expect(verdict).toMatchObject({ lost: [], dup: [], ghost: [], corrupt: [], cross: [] })
    expect(ledger.count('acked')).toBeGreaterThan(100)
  }, 300_000)
})
