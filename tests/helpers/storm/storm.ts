import { pause } from '#lib/lifecycle'
import type { Instance, Login } from '#tests/helpers/instance'
import type { Door, Entry, Ledger, Outcome } from './ledger'
import { createRandom, makeMessage, pick, sizeOf } from './message'
import { appendSender, type Handed, type Sender, smtpSender } from './senders'

export interface StormOptions {
  /** Names the run in every id */
  run: string
  ledger: Ledger
  ports: Instance['ports']
  people: readonly Login[]
  /** Senders at each door; half of all at MX is like the mail of the world */
  senders: Readonly<Record<Door, number>>
  /** Messages a second over all of them */
  rate: number
  seed: number
  /** `once`: nothing is sent twice. `mta`: what was put off or not answered is sent again until it is accepted, as RFC 5321 4.5.4.1 asks of a server. */
  mode: 'once' | 'mta'
  /** Larger ones are cut to it */
  mostBytes: number
}

export interface RunningStorm {
  /** Ends it: senders finish what they have in hand; in mode `mta` they go on trying until it is accepted. */
  stop(): Promise<void>
}

/** Recipients of one message at the most. */
const RECIPIENTS_MOST = 5
const RETRY_MS = 700
const REST_MS = 100
/** With pauses of 0.7 s: longer than any outage of a storm. */
const TRIES_MOST = 120

/** Hands in mail at every door until it is stopped, and writes down what it was told. */
export function startStorm(options: StormOptions): RunningStorm {
  const stopping = new AbortController()
  const pace = createPace(options.rate)
  const doors: Door[] = (['mx', 'submission', 'append'] as const).flatMap((door) =>
    Array<Door>(options.senders[door]).fill(door),
  )
  const running = Promise.all(doors.map((door, number) => sendOn(options, door, number, pace, stopping.signal)))
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** Lets one through every so often, whoever asks first. */
function createPace(rate: number): (signal: AbortSignal) => Promise<void> {
  let next = performance.now()
  return async (signal) => {
    const at = Math.max(next, performance.now())
    next = at + 1000 / rate
    await pause(Math.max(0, at - performance.now()), signal)
  }
}

async function sendOn(
  options: StormOptions,
  door: Door,
  number: number,
  pace: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const random = createRandom(options.seed + number * 7_919)
  const own = options.people[number % options.people.length]
  if (!own) throw new Error('A storm needs people.')
  const sender = senderAt(door, options.ports, own)
  const from = door === 'submission' || door === 'append' ? own.email : 'storm@ledger.test'
  for (let n = 0; !signal.aborted; n++) {
    await pace(signal)
    if (signal.aborted) break
    const to = door === 'append' ? [own.email] : recipientsOf(options.people, random)
    const id = `${options.run}.${number}.${n}`
    const message = makeMessage({ id, from, to, bytes: sizeOf(random, options.mostBytes) })
    const entry = options.ledger.open({ id, door, recipients: to, ...message, bytes: message.raw.length })
    await handUntilDone(options, sender, entry, { from, raw: message.raw })
    // A door that is shut would be knocked at a thousand times a second.
    if ([...entry.outcomes.values()].every((outcome) => outcome === 'refused')) await pause(REST_MS, signal)
  }
  sender.close()
}

function senderAt(door: Door, ports: Instance['ports'], own: Login): Sender {
  switch (door) {
    case 'mx':
      return smtpSender({ port: ports.mx })
    case 'submission':
      return smtpSender({ port: ports.submissions, login: own })
    case 'append':
      return appendSender(ports.imaps, own)
  }
}

function recipientsOf(people: readonly Login[], random: () => number): string[] {
  const count = Math.min(people.length, random() < 0.6 ? 1 : 1 + Math.floor(random() * RECIPIENTS_MOST))
  const chosen = new Set<string>()
  while (chosen.size < count) chosen.add(pick(people, random).email)
  return [...chosen]
}

/** Hands a message in once or, as a mail server does, again for the recipients that have not got it. */
async function handUntilDone(
  { ledger, mode }: StormOptions,
  sender: Sender,
  entry: Entry,
  message: { from: string; raw: string },
): Promise<void> {
  let to: readonly string[] = entry.recipients
  for (let tries = 0; tries < TRIES_MOST; tries++) {
    ledger.sent(entry)
    const handed = await sender.hand({ ...message, to })
    for (const [at, recipient] of to.entries()) note(ledger, entry, recipient, handed, at)
    if (handed.codes.includes(250)) ledger.took(handed.ms)
    // IMAP has no way to say that it is the same message again: a program that did not hear OK looks first.
    if (mode === 'once' || entry.door === 'append') return
    to = to.filter((_, at) => isOpen(handed, at))
    if (to.length === 0) return
    await pause(RETRY_MS)
  }
}

const isOpen = ({ codes }: Handed, at: number): boolean => {
  const code = codes[at] ?? 0
  return code === 0 || (code >= 400 && code < 500)
}

function note(ledger: Ledger, entry: Entry, recipient: string, handed: Handed, at: number): void {
  const code = handed.codes[at] ?? 0
  ledger.settle(entry, [recipient], outcomeOf(code, handed.dotSent), code)
}

function outcomeOf(code: number, dotSent: boolean): Outcome {
  if (code === 250) return 'acked'
  if (!dotSent || code >= 500) return 'refused'
  return code === 0 ? 'unknown' : 'deferred'
}
