import { join } from 'node:path'
import { pause } from '#lib/lifecycle'
import { type Instance, startInstance } from '#tests/helpers/instance'
import { emptyDns, makePeople } from './ground'
import { type Killer, ROLES, startKiller, type Target } from './killer'
import { createLedger, type Door, type Ledger, quantile } from './ledger'
import { type Person, readThroughImap, readThroughStore } from './mailboxes'
import { createRandom } from './message'
import { startStorm } from './storm'
import { isClean, type Verdict, verify } from './verify'

export interface FullStormOptions {
  seconds: number
  rate: number
  seed: number
  mode: 'once' | 'mta'
  tenants: number
  perTenant: number
  senders: Readonly<Record<Door, number>>
  mostBytes: number
  /** Milliseconds between two kills; null: nothing is killed */
  killEveryMs: readonly [number, number] | null
  targets?: readonly Target[]
  /** Where the ledger's lines go; nowhere when left out */
  ledgerFile?: string
  say?: (text: string) => void
}

export interface StormResult {
  seconds: number
  kills: ReadonlyMap<string, number>
  outcomes: { acked: number; refused: number; deferred: number; unknown: number }
  /** By door and code */
  replies: Record<string, number>
  /** Of the 250, ms */
  p50: number
  p99: number
  imap: Verdict
  store: Verdict
  /** What fsck named */
  problems: unknown[]
}

/** Everything that can be killed, each as likely as the others, and Postgres' own processes most of all. */
export const EVERYTHING: readonly Target[] = [
  ...ROLES.map((role) => ({ role })),
  { postgres: 'main' },
  { postgres: 'keys' },
  { backend: 'mail' },
  { backend: 'control' },
]

/** An instance of its own, a storm at every door, kills meanwhile; then everything is read in two ways and joined with the ledger, and fsck runs. */
export async function fullStorm(options: FullStormOptions): Promise<StormResult> {
  const say = options.say ?? (() => undefined)
  const dns = await emptyDns()
  const instance = await startInstance({ env: { MAILTIGHT_LIMITS: 'bench', DNS_SERVERS: dns.address } })
  const ledger = createLedger({ file: options.ledgerFile })
  try {
    const people = await makePeople(instance, options)
    say(`${people.length} people in ${options.tenants} tenants; seed ${options.seed}`)
    const began = performance.now()
    const kills = await blow(instance, people, ledger, options)
    const seconds = Math.round((performance.now() - began) / 1000)
    await instance.healthy(60_000)
    say(`${ledger.entries.size} messages sent in ${seconds} s; reading every mailbox`)
    const imap = verify(ledger, await readThroughImap(instance, people, ledger))
    const store = verify(ledger, await readThroughStore(instance.home, people, ledger))
    return { seconds, kills, ...figures(ledger), imap, store, problems: await check(instance) }
  } finally {
    await ledger.close()
    await instance.stop()
    await dns.close()
  }
}

async function blow(
  instance: Instance,
  people: readonly Person[],
  ledger: Ledger,
  options: FullStormOptions,
): Promise<ReadonlyMap<string, number>> {
  const { rate, seed, mode, mostBytes, senders } = options
  const storm = startStorm({
    run: `s${seed}`,
    ledger,
    ports: instance.ports,
    people,
    senders,
    rate,
    seed,
    mode,
    mostBytes,
  })
  let killer: Killer | undefined
  if (options.killEveryMs) {
    const targets = options.targets ?? EVERYTHING
    killer = startKiller(instance, { targets, pauseMs: options.killEveryMs, random: createRandom(seed) })
  }
  await pause(options.seconds * 1000)
  // The killing ends first, so that the last messages find out what became of them.
  await killer?.stop()
  await storm.stop()
  return killer?.kills ?? new Map()
}

const figures = (ledger: Ledger) => ({
  outcomes: {
    acked: ledger.count('acked'),
    refused: ledger.count('refused'),
    deferred: ledger.count('deferred'),
    unknown: ledger.count('unknown'),
  },
  replies: Object.fromEntries([...ledger.replies].sort()),
  p50: quantile(ledger.latenciesMs, 0.5),
  p99: quantile(ledger.latenciesMs, 0.99),
})

async function check(instance: Instance): Promise<unknown[]> {
  const { json } = await instance.cli(['fsck'])
  const { ok, problems } = (json ?? {}) as { ok?: boolean; problems?: unknown[] }
  return ok === true ? [] : (problems ?? ['fsck did not answer'])
}

/** The result in a few lines, for the log of a test and for the command. */
export function report(result: StormResult): string {
  const total = [...result.kills.values()].reduce((sum, n) => sum + n, 0)
  const line = (name: string, { lost, dup, ghost, corrupt, cross, late, copies }: Verdict) =>
    `${name}: ${copies} copies; lost ${lost.length}, dup ${dup.length}, ghost ${ghost.length}, corrupt ${corrupt.length}, cross ${cross.length}; of open outcome ${late}`
  return [
    `${result.seconds} s; accepted ${result.outcomes.acked}, put off ${result.outcomes.deferred}, no answer ${result.outcomes.unknown}, refused ${result.outcomes.refused}`,
    `kills ${total}: ${[...result.kills].map(([name, n]) => `${name} ${n}`).join(', ')}`,
    `replies: ${Object.entries(result.replies)
      .map(([name, n]) => `${name} x ${n}`)
      .join(', ')}`,
    `250 after p50 ${Math.round(result.p50)} ms, p99 ${Math.round(result.p99)} ms`,
    line('through IMAP', result.imap),
    line('through the store', result.store),
    `fsck: ${result.problems.length} problems`,
  ].join('\n')
}

export const stood = (result: StormResult): boolean =>
  isClean(result.imap) && isClean(result.store) && result.problems.length === 0

/** Where a run's ledger goes. */
export const ledgerFileIn = (dir: string, seed: number): string => join(dir, `storm-${seed}.ledger`)
