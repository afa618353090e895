import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signal, waitForEnd } from '#bin/os/process'
import { probeImap } from '#tests/helpers/imap-probe'
import { type Instance, type Login, startInstance, until } from '#tests/helpers/instance'
import { emptyDns } from '#tests/helpers/storm/ground'
import { killOne } from '#tests/helpers/storm/killer'
import { createLedger, type Ledger } from '#tests/helpers/storm/ledger'
import { readThroughImap } from '#tests/helpers/storm/mailboxes'
import { createRandom } from '#tests/helpers/storm/message'
import { type RunningStorm, startStorm } from '#tests/helpers/storm/storm'
import { verify } from '#tests/helpers/storm/verify'

/** Printed, so that a run can be had again: MAILTIGHT_TEST_SEED=<n>. */
const SEED = Number(process.env.MAILTIGHT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
const PASSWORD = 'granite-Ferry-93-lantern'
const PEOPLE = ['ann', 'ben', 'cleo', 'dov'].map(
  (name): Login => ({ email: `${name}@storm.example`, password: PASSWORD }),
)

let instance: Instance
let storm: RunningStorm | undefined
let dns: Awaited<ReturnType<typeof emptyDns>>
const ledger: Ledger = createLedger()
const next = createRandom(SEED)

/** Mail from strangers, each message once. */
const blow = (run: string, senders: number): RunningStorm =>
  startStorm({
    run,
    ledger,
    ports: instance.ports,
    people: PEOPLE,
    senders: { mx: senders, submission: 0, append: 0 },
    rate: 25 * senders,
    seed: SEED,
    mode: 'once',
    mostBytes: 3_000,
  })

const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((value) => ({ value, lot: next() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ value }) => value)

const ran = async (args: string[], input?: string) => {
  const { code, json, stderr } = await instance.cli(args, input)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return json as { id: string }
}

const kill = async (pid: number) => {
  signal(pid, 'SIGKILL')
  expect(await waitForEnd(pid, undefined, 5_000)).toBe(true)
}

/** Every part of the instance by the name it is killed under, with how it is told that it is another one now. */
const partPid = (name: string): number | null => {
  const { roles, postgres } = instance.state()
  return (
    roles.find(({ role }) => role === name)?.pid ?? postgres.find((one) => `postgres ${one.name}` === name)?.pid ?? null
  )
}

/** Kills one part and waits until the supervisor has another one in its place and all is well. */
async function killPart(name: string): Promise<void> {
  const pid = partPid(name)
  if (pid === null) throw new Error(`${name} does not run`)
  const began = performance.now()
  await kill(pid)
  await until(
    `new ${name}`,
    () => {
      const now = partPid(name)
      return (now !== null && now !== pid) || undefined
    },
    30_000,
  )
  await instance.healthy(30_000)
  console.info(`${name}: back after ${Math.round(performance.now() - began)} ms`)
}

/** Kills one server process behind a connection, at which PostgreSQL ends all of them and recovers by itself. */
async function killBackend(): Promise<void> {
  const postmaster = partPid('postgres main')
  expect(await killOne(instance, { backend: 'mail' })).toBe(true)
  await instance.healthy(30_000)
  expect(partPid('postgres main')).toBe(postmaster)
}

/** Storm and reader find the doors as they should be once everything serves: mail is accepted and read again. */
async function worksAgain(): Promise<void> {
  const before = ledger.count('acked')
  await until('accepted message', () => ledger.count('acked') > before || undefined)
  await until(
    'reader',
    async () => (await probeImap(instance.ports.imaps, PEOPLE[0] as Login)) === 'ok' || undefined,
    30_000,
  )
}

/** Accepted: there exactly once. Unknown or put off, where a commit's answer may have been lost: at most once. Nothing else is there. */
async function expectNothingLost(): Promise<void> {
  const verdict = verify(ledger, await readThroughImap(instance, PEOPLE, ledger))
  console.info(
    `${ledger.count('acked')} accepted, ${ledger.count('deferred') + ledger.count('unknown')} put off or without an answer`,
  )
  expect(verdict).toMatchObject({ lost: [], dup: [], ghost: [], corrupt: [], cross: [] })
  expect(ledger.count('acked')).toBeGreaterThan(20)
  const codes = [...ledger.replies.keys()].map((name) => Number(name.split(' ')[1]))
  expect(codes.filter((code) => ![0, 250, 421, 451].includes(code))).toEqual([])
}

beforeAll(async () => {
  console.info(`seed ${SEED}`)
  dns = await emptyDns()
  instance = await startInstance({ env: { MAILTIGHT_LIMITS: 'bench', DNS_SERVERS: dns.address } })
  const reseller = await ran(['reseller', 'create', '--name', 'Storm'])
  const tenant = await ran(['tenant', 'create', '--reseller', reseller.id, '--name', 'Storm', '--region', 'eu'])
  await ran(['domain', 'add', '--tenant', tenant.id, '--name', 'storm.example', '--verified'])
  await Promise.all(
    PEOPLE.map(({ email }) =>
      ran(['account', 'create', email, '--tenant', tenant.id, '--password-stdin'], `${PASSWORD}\n`),
    ),
  )
}, 200_000)
afterAll(async () => {
  await storm?.stop()
  await instance?.stop()
  await dns?.close()
}, 90_000)

describe('kill -9', () => {
  it('of any role, database server or backend loses nothing and needs no hand (R-02, R-06)', async () => {
    storm = blow('parts', 3)
    const reader = watchReader()
    try {
      const roles = ['mx', 'submission', 'imap', 'deliver', 'worker', 'web']
      for (const name of shuffled([...roles, 'postgres main', 'postgres keys', 'backend'])) {
        if (name === 'backend') await killBackend()
        else await killPart(name)
        await worksAgain()
      }
      for (let round = 0; round < 3; round++) {
        const two = shuffled([...roles, 'postgres main', 'postgres keys']).slice(0, 2)
        await Promise.all(two.map(killPart))
        await worksAgain()
      }
    } finally {
      await reader.stop()
      await storm.stop()
    }
    expect(reader.wrong).toEqual([])
    await expectNothingLost()
  }, 240_000)

  it('of the supervisor, with and without its roles and databases, is mended by the next start', async () => {
    storm = blow('supervisor', 2)
    try {
      const before = instance.state()
      await instance.killSupervisor()
      await worksAgain() // the roles serve on without it
      await instance.startAgain()
      await worksAgain()
      expect(instance.state().postgres.map(({ pid }) => pid)).toEqual(before.postgres.map(({ pid }) => pid))
      const { roles, postgres } = instance.state()
      for (const { pid } of before.roles) expect(roles.map((role) => role.pid)).not.toContain(pid)

      await instance.killSupervisor()
      await kill(roles.find(({ role }) => role === 'mx')?.pid ?? 0)
      await kill(postgres.find(({ name }) => name === 'main')?.pid ?? 0)
      await instance.startAgain()
      await worksAgain()
    } finally {
      await storm.stop()
    }
    await expectNothingLost()
    expect(await ran(['fsck'])).toMatchObject({ ok: true, problems: [] })
  }, 240_000)
})

/** Signs in and reads again and again; keeps what it was told that an outage does not excuse. */
function watchReader(): { wrong: string[]; stop(): Promise<void> } {
  const wrong: string[] = []
  let stopped = false
  const run = async () => {
    for (let n = 0; !stopped; n++) {
      const answer = await probeImap(instance.ports.imaps, PEOPLE[n % PEOPLE.length] as Login)
      if (answer !== 'ok' && answer !== 'away') wrong.push(answer)
      await new Promise((go) => setTimeout(go, 100))
    }
  }
  const running = run()
  return {
    wrong,
    stop: () => {
      stopped = true
      return running
    },
  }
}
