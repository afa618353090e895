import tls from 'node:tls'
import { sampleMessage } from './smtp-load.ts'

export interface ImapTarget {
  host: string
  port: number
  user: string
  password: string
}

/** A bare IMAP client: counts and skips, parses nothing, so that it costs the same whichever server answers. */
export class ImapLoad {
  readonly #socket: tls.TLSSocket
  #tag = 0
  #text = ''
  #skip = 0
  #waiting: { tag: string; done: (line: string) => void; fail: (error: Error) => void } | undefined
  #continued: (() => void) | undefined
  #onUntagged: ((line: string) => void) | undefined
  bytes = 0

  private constructor(socket: tls.TLSSocket) {
    this.#socket = socket
    socket.on('data', (data) => this.#read(data))
    const end = () => this.#waiting?.fail(new Error('the server closed the connection'))
    socket.on('close', end)
    socket.on('error', end)
  }

  static async open(target: ImapTarget): Promise<ImapLoad> {
    const socket = tls.connect({ host: target.host, port: target.port, rejectUnauthorized: false })
    socket.setNoDelay(true)
    const client = new ImapLoad(socket)
    await new Promise<void>((resolve, reject) => {
      client.#onUntagged = () => resolve()
      socket.once('error', reject)
    })
    return client
  }

  #read(data: Buffer): void {
    this.bytes += data.length
    let chunk = data
    if (this.#skip > 0) {
      const n = Math.min(this.#skip, chunk.length)
      this.#skip -= n
      chunk = chunk.subarray(n)
    }
    if (chunk.length === 0) return
    this.#text += chunk.toString('latin1')
    for (;;) {
      const at = this.#text.indexOf('\r\n')
      if (at < 0) return
      const line = this.#text.slice(0, at)
      this.#text = this.#text.slice(at + 2)
      const literal = /\{(\d+)\}$/.exec(line)
      if (literal) {
        const n = Number(literal[1])
        const have = Math.min(n, this.#text.length)
        this.#text = this.#text.slice(have)
        this.#skip = n - have
        continue
      }
      this.#line(line)
    }
  }

  #line(line: string): void {
    if (line.startsWith('+')) {
      this.#continued?.()
      this.#continued = undefined
    } else if (this.#waiting && line.startsWith(`${this.#waiting.tag} `)) {
      const { done } = this.#waiting
      this.#waiting = undefined
      done(line)
    } else this.#onUntagged?.(line)
  }

  async command(text: string, onUntagged?: (line: string) => void): Promise<void> {
    const tag = `a${++this.#tag}`
    this.#onUntagged = onUntagged
    const line = await new Promise<string>((done, fail) => {
      this.#waiting = { tag, done, fail }
      this.#socket.write(`${tag} ${text}\r\n`)
    })
    if (!line.startsWith(`${tag} OK`)) throw new Error(`${text.split(' ')[0]} was refused`)
  }

  async append(raw: Buffer): Promise<void> {
    const go = new Promise<void>((resolve) => {
      this.#continued = resolve
    })
    const tag = `a${++this.#tag}`
    const done = new Promise<string>((ok, fail) => {
      this.#waiting = { tag, done: ok, fail }
    })
    this.#socket.write(`${tag} APPEND INBOX {${raw.length}}\r\n`)
    await Promise.race([go, done])
    this.#socket.write(raw)
    this.#socket.write('\r\n')
    if (!(await done).startsWith(`${tag} OK`)) throw new Error('APPEND was refused')
  }

  /** Starts IDLE and gives a promise for the moment the next EXISTS is heard. */
  async idle(): Promise<{ heard: Promise<number> }> {
    const tag = `a${++this.#tag}`
    const started = new Promise<void>((resolve) => {
      this.#continued = resolve
    })
    const heard = new Promise<number>((resolve) => {
      this.#onUntagged = (line) => {
        if (line.endsWith(' EXISTS')) resolve(performance.now())
      }
    })
    this.#waiting = { tag, done: () => undefined, fail: () => undefined }
    this.#socket.write(`${tag} IDLE\r\n`)
    await started
    return { heard }
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }
}

export const login = async (target: ImapTarget): Promise<ImapLoad> => {
  const client = await ImapLoad.open(target)
  await client.command(`LOGIN ${target.user} "${target.password}"`)
  return client
}

/** Messages in an account's INBOX. */
export async function countMessages(target: ImapTarget): Promise<number> {
  const client = await login(target)
  const count = await countWith(client)
  client.close()
  return count
}

async function countWith(client: ImapLoad): Promise<number> {
  let count = 0
  await client.command('STATUS INBOX (MESSAGES)', (line) => {
    count = Number(/MESSAGES (\d+)/.exec(line)?.[1] ?? count)
  })
  return count
}

/** Counts the messages in several INBOXes again and again: signed in once, so that looking costs next to nothing. */
export async function openCounter(
  targets: readonly ImapTarget[],
): Promise<{ total(): Promise<number>; close(): void }> {
  const clients = await Promise.all(targets.map(login))
  return {
    total: async () => (await Promise.all(clients.map(countWith))).reduce((a, b) => a + b, 0),
    close: () => {
      for (const client of clients) client.close()
    },
  }
}

const time = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

async function repeat(times: number, work: () => Promise<unknown>): Promise<number> {
  const values: number[] = []
  for (let i = 0; i < times; i++) values.push(await time(work))
  return median(values)
}

/** The reading measures on one mailbox of `messages` messages: each in milliseconds, but for APPEND (messages a second) and bodies (MB a second). */
export async function readMailbox(target: ImapTarget, messages: number, size: number): Promise<Record<string, number>> {
  const out: Record<string, number> = {}
  const filler = await login(target)
  const have = await countMessages(target)
  const missing = messages - have
  const raws = Array.from({ length: 64 }, (_, i) => sampleMessage(size, 'a@load.test', target.user, i))
  if (missing > 0) {
    const ms = await time(async () => {
      for (let i = 0; i < missing; i++) await filler.append(raws[i % raws.length] ?? Buffer.alloc(0))
    })
    out['APPEND per second'] = (missing / ms) * 1000
  }
  out['LOGIN ms'] = await repeat(5, async () => (await login(target)).close())
  const first = await login(target)
  await first.command('SELECT INBOX')
  out['FETCH FLAGS first ms'] = await time(() => first.command('FETCH 1:* (FLAGS)'))
  out['FETCH ENVELOPE RFC822.SIZE first ms'] = await time(() => first.command('FETCH 1:* (ENVELOPE RFC822.SIZE)'))
  out['SELECT ms'] = await repeat(5, () => first.command('SELECT INBOX'))
  out['FETCH FLAGS ms'] = await repeat(3, () => first.command('FETCH 1:* (FLAGS)'))
  out['FETCH ENVELOPE RFC822.SIZE ms'] = await repeat(3, () => first.command('FETCH 1:* (ENVELOPE RFC822.SIZE)'))
  out['FETCH BODYSTRUCTURE ms'] = await repeat(3, () => first.command('FETCH 1:* (BODYSTRUCTURE)'))
  out['FETCH four fields ms'] = await repeat(3, () =>
    first.command('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE)])'),
  )
  const before = first.bytes
  const bodies = await time(() => first.command('FETCH 1:* (BODY.PEEK[])'))
  out['FETCH all bodies MB per second'] = (first.bytes - before) / 1e3 / bodies
  out['FETCH one body ms'] = await repeat(9, () => first.command(`FETCH ${1 + (messages >> 1)} (BODY.PEEK[])`))
  out['SEARCH SUBJECT ms'] = await repeat(3, () => first.command('SEARCH SUBJECT "between"'))
  out['SEARCH BODY ms'] = await time(() => first.command('SEARCH BODY "betweenness"'))
  let flip = 0
  out['STORE a flag on all ms'] = await repeat(3, () =>
    first.command(`STORE 1:* ${flip++ % 2 === 0 ? '+' : '-'}FLAGS.SILENT (\\Flagged)`),
  )
  const heard: number[] = []
  for (let i = 0; i < 5; i++) {
    const listener = await login(target)
    await listener.command('SELECT INBOX')
    const { heard: event } = await listener.idle()
    const begin = performance.now()
    await filler.append(raws[i] ?? Buffer.alloc(0))
    heard.push((await event) - begin)
    listener.close()
  }
  out['APPEND heard in IDLE ms'] = median(heard)
  first.close()
  filler.close()
  return out
}

/** Memory that one idle session costs: `sessions` of them sign in, select the mailbox and wait, and `pssKB` is read before and after. */
export async function idleCost(target: ImapTarget, sessions: number, pssKB: () => number): Promise<number> {
  const before = pssKB()
  const clients: ImapLoad[] = []
  for (let i = 0; i < sessions; i++) {
    const client = await login(target)
    await client.command('SELECT INBOX')
    await client.idle()
    clients.push(client)
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const cost = (pssKB() - before) / sessions
  for (const client of clients) client.close()
  return cost
}
