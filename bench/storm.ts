/**
 * `npm run storm [-- --minutes 30 --rate 100 --mode once|mta --seed 7 --kill-every 200-3000 --only "mx,postgres main"]`: the storm of tests/faults in its long form.
 * An instance of its own with 50 mailboxes in 10 tenants takes mail at every door while its processes, its database servers and single connections of theirs are
 * killed at random; then every mailbox is read twice, through IMAP and with the keys, and joined with the ledger. Ends with 1 when anything was lost, doubled,
 * invented, altered or misplaced.
 */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from '../bin/build.mjs'
import { nameOf } from '../tests/helpers/storm/killer.ts'
import { EVERYTHING, fullStorm, ledgerFileIn, report, stood } from '../tests/helpers/storm/run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '100' },
    mode: { type: 'string', default: 'once' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'kill-every': { type: 'string', default: '200-3000' },
    only: { type: 'string' },
    calm: { type: 'boolean', default: false },
    largest: { type: 'string', default: '10000000' },
    tenants: { type: 'string', default: '10' },
    people: { type: 'string', default: '5' },
  },
})

const [least = 200, most = 3_000] = values['kill-every'].split('-').map(Number)
const only = values.only?.split(',').map((name) => name.trim())
const targets = EVERYTHING.filter((target) => only === undefined || only.includes(nameOf(target)))
if (targets.length === 0) throw new Error(`Of ${EVERYTHING.map(nameOf).join(', ')} name at least one with --only.`)
if (values.mode !== 'once' && values.mode !== 'mta') throw new Error('--mode is once or mta.')

// A build that somebody works on is taken as it is.
if (process.env.MAILTIGHT_TEST_PROGRAM === undefined) await build()
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'results')
fs.mkdirSync(folder, { recursive: true })
const seed = Number(values.seed)
const result = await fullStorm({
  seconds: Math.round(Number(values.minutes) * 60),
  rate: Number(values.rate),
  seed,
  mode: values.mode,
  tenants: Number(values.tenants),
  perTenant: Number(values.people),
  // Half of the mail comes from other servers, a quarter from people who send, a quarter from filters and programs that file.
  senders: { mx: 16, submission: 8, append: 4 },
  mostBytes: Number(values.largest),
  killEveryMs: values.calm ? null : [least, most],
  targets,
  ledgerFile: ledgerFileIn(folder, seed),
  say: (text) => console.log(text),
})
console.log(report(result))
for (const [name, verdict] of [
  ['IMAP', result.imap],
  ['store', result.store],
] as const) {
  for (const kind of ['lost', 'dup', 'ghost', 'corrupt', 'cross'] as const)
    for (const line of verdict[kind].slice(0, 20)) console.log(`${kind} (${name}): ${line}`)
}
for (const problem of result.problems.slice(0, 20)) console.log(`fsck: ${JSON.stringify(problem)}`)
console.log(stood(result) ? 'It stood.' : `It did not stand. The ledger is ${ledgerFileIn(folder, seed)}.`)
process.exitCode = stood(result) ? 0 : 1
