import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from './testing'

const seed = Number(process.env.MAILTIGHT_FUZZ_SEED ?? Date.now() % 1_000_000)
const steps = Number(process.env.MAILTIGHT_REPLICA_STEPS ?? 60)

let test: TestDoor
let ports: number[] = []
beforeAll(async () => {
  test = await startTestDoor()
  ports = [test.port, await test.secondDoor()]
})
afterAll(async () => {
  await test.stop()
})

const generator = (start: number) => {
  let state = start
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >>> 8) % below
  }
}

/** One of many that write to one mailbox through one of two processes. */
async function write(port: number, random: (below: number) => number): Promise<void> {
  const client = await LineClient.open(port, test.account)
  await client.run('SELECT shared')
  for (let n = 0; n < steps; n++) {
    const uid = 1 + random(60)
    switch (random(6)) {
      case 0:
      case 1:
        await client.append('shared', `Subject: ${n}\r\n\r\nbody`, random(2) ? '(\\Seen)' : '')
        break
      case 2:
        await client.run(
          `UID STORE ${uid}:${uid + random(5)} ${random(2) ? '+' : '-'}FLAGS (${['\\Flagged', '$A', '\\Answered'][random(3)]})`,
        )
        break
      case 3:
        await client.run(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`)
        await client.run(`UID EXPUNGE ${uid}`)
        break
      case 4:
        await client.run(`UID MOVE ${uid} aside`)
        break
      default:
        await client.run(`UID COPY ${uid} shared`)
    }
  }
  client.end()
}

/** uid -> sorted flags */
type Replica = Map<number, string>

const flagsOf = (text: string) => text.split(' ').filter(Boolean).sort().join(' ')

function take(replica: Replica, answer: string): void {
  for (const line of answer.split('\r\n')) {
    const vanished = /^\* VANISHED (?:\(EARLIER\) )?([\d:,]+)$/.exec(line)
    for (const part of vanished?.[1]?.split(',') ?? []) {
      const [a = 0, b = a] = part.split(':').map(Number)
      for (let uid = a; uid <= b; uid++) replica.delete(uid)
    }
    const fetched = /^\* \d+ FETCH \((.*)\)$/.exec(line)?.[1]
    const uid = fetched && /UID (\d+)/.exec(fetched)?.[1]
    const flags = fetched && /FLAGS \(([^)]*)\)/.exec(fetched)?.[1]
    if (uid && flags !== undefined) replica.set(Number(uid), flagsOf(flags))
  }
}

/** Comes back again and again with nothing but what it was told, as a phone does (RFC 7162 3.2.5). */
async function resyncByQresync(port: number, until: () => boolean): Promise<Replica> {
  const replica: Replica = new Map()
  let modseq = '1'
  let validity = ''
  for (let last = false; ; ) {
    last = until()
    const client = await LineClient.open(port, test.account)
    await client.run('ENABLE QRESYNC')
    const answer = await client.run(
      validity === '' ? 'SELECT shared' : `SELECT shared (QRESYNC (${validity} ${modseq}))`,
    )
    validity = /UIDVALIDITY (\d+)/.exec(answer)?.[1] ?? ''
    modseq = /HIGHESTMODSEQ (\d+)/.exec(answer)?.[1] ?? modseq
    take(replica, answer)
    if (replica.size === 0 && validity !== '') take(replica, await client.run('UID FETCH 1:* (FLAGS)'))
    client.end()
    if (last) return replica
  }
}

/** Stays connected and asks for what changed since the highest mod-sequence it was ever told (I-M2). */
async function resyncByChangedSince(port: number, until: () => boolean): Promise<Replica> {
  const replica: Replica = new Map()
  const client = await LineClient.open(port, test.account)
  await client.run('ENABLE QRESYNC')
  let modseq = /HIGHESTMODSEQ (\d+)/.exec(await client.run('SELECT shared'))?.[1] ?? '1'
  take(replica, await client.run('UID FETCH 1:* (FLAGS)'))
  for (let last = false; ; ) {
    last = until()
    const status = await client.run('STATUS shared (HIGHESTMODSEQ)')
    take(replica, status)
    const next = /HIGHESTMODSEQ (\d+)/.exec(status)?.[1] ?? modseq
    take(replica, await client.run('NOOP'))
    take(replica, await client.run(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)`))
    modseq = next
    if (last) {
      client.end()
      return replica
    }
  }
}

describe('many writers and replicas through two processes (R-13)', () => {
  it(`leaves every replica equal to the mailbox, seed ${seed}`, async () => {
    const setup = await LineClient.open(test.port, test.account)
    await setup.run('CREATE shared')
    await setup.run('CREATE aside')
    let writing = 6
    const done = () => writing === 0
    const writers = Array.from({ length: 6 }, (_, n) =>
      write(ports[n % 2] ?? 0, generator(seed + n)).finally(() => {
        writing--
      }),
    )
    const replicas = [0, 1].flatMap((n) => [
      resyncByQresync(ports[n] ?? 0, done),
      resyncByChangedSince(ports[n] ?? 0, done),
    ])
    await Promise.all(writers)
    const got = await Promise.all(replicas)
    await setup.run('SELECT shared')
    const truth: Replica = new Map()
    take(truth, await setup.run('UID FETCH 1:* (FLAGS)'))
    expect(truth.size).toBeGreaterThan(0)
    for (const replica of got)
      expect([...replica].sort((a, b) => a[0] - b[0])).toEqual([...truth].sort((a, b) => a[0] - b[0]))
    setup.end()
  }, 120_000)
})
