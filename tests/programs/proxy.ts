import { connect, createServer, type TLSSocket } from 'node:tls'
import type { Running } from '#lib/lifecycle'

/** An answer other than OK, with what was asked. */
export interface Refusal {
  command: string
  answer: string
}

export interface LoggingProxy extends Running {
  port: number
  /** All that was said since the last `forget`, a line a line: `0.200 1 C: a1 NOOP` with the seconds and the connection. Message literals are left out. */
  dialogue(): string
  /** Answers NO, BAD, BYE before LOGOUT, or -ERR. */
  refusals(): Refusal[]
  /** Commands the programs sent, by name, without tags. */
  commands(): string[]
  forget(): void
  /** Resolves when programs have sent `count` more lines that match. */
  heard(pattern: RegExp, count: number): Promise<void>
  /** Resolves when no connection is left, on either side. */
  quiet(): Promise<void>
}

interface Line {
  connection: number
  from: 'C' | 'S'
  text: string
  atMs: number
}

const LITERAL = /~?\{(\d+)\+?\}$/
const BAD_ANSWER = /^(?:[^\s*+]+ (?:NO|BAD)|\* (?:NO|BAD|BYE)|-ERR|NO|BYE)\b/

/** Splits what one side says into lines and leaves literals out. */
function lines(take: (text: string) => void): (chunk: Buffer) => void {
  let text = ''
  let skip = 0
  return (chunk) => {
    text += chunk.toString('latin1')
    for (;;) {
      const skipped = Math.min(skip, text.length)
      text = text.slice(skipped)
      skip -= skipped
      const end = skip > 0 ? -1 : text.indexOf('\n')
      if (end < 0) return
      const line = text.slice(0, end).replace(/\r$/, '')
      text = text.slice(end + 1)
      skip = Number(LITERAL.exec(line)?.[1] ?? 0)
      take(line)
    }
  }
}

/** For tests: stands before a TLS door on loopback and keeps what is said. */
export async function startProxy(target: number, tls: { key: string; cert: string }): Promise<LoggingProxy> {
  const open = new Set<TLSSocket>()
  let heard: Line[] = []
  let connections = 0
  const began = Date.now()
  let waiting: (() => void)[] = []
  let listening: { pattern: RegExp; left: number; wake: () => void }[] = []
  const hear = (connection: number, from: 'C' | 'S', text: string) => {
    heard.push({ connection, from, text, atMs: Date.now() - began })
    if (from === 'S') return
    for (const one of listening) if (one.pattern.test(text) && --one.left <= 0) one.wake()
    listening = listening.filter(({ left }) => left > 0)
  }
  const track = (socket: TLSSocket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      open.delete(socket)
      if (open.size > 0) return
      for (const wake of waiting) wake()
      waiting = []
    })
  }
  const server = createServer(tls, (client) => {
    const connection = ++connections
    const upstream = connect({ port: target, host: '127.0.0.1', rejectUnauthorized: false })
    track(client)
    track(upstream)
    client.on(
      'data',
      lines((text) => hear(connection, 'C', text)),
    )
    upstream.on(
      'data',
      lines((text) => hear(connection, 'S', text)),
    )
    client.pipe(upstream)
    upstream.pipe(client)
    // Read on after the program has gone: a paused socket never hears the end.
    client.on('close', () => upstream.end().resume())
    upstream.on('close', () => client.destroy())
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    dialogue: () =>
      heard
        .map(({ connection, from, text, atMs }) => `${(atMs / 1000).toFixed(3)} ${connection} ${from}: ${text}`)
        .join('\n'),
    refusals: () => refusalsOf(heard),
    commands: () => heard.filter(({ from }) => from === 'C').map(({ text }) => text.replace(/^\S+ (?=[A-Z])/, '')),
    forget: () => {
      heard = []
    },
    heard: (pattern, count) => new Promise((wake) => listening.push({ pattern, left: count, wake })),
    quiet: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

function refusalsOf(heard: readonly Line[]): Refusal[] {
  const found: Refusal[] = []
  heard.forEach((line, at) => {
    if (line.from !== 'S' || !BAD_ANSWER.test(line.text)) return
    const before = heard.slice(0, at).filter(({ connection, from }) => connection === line.connection && from === 'C')
    const tag = line.text.split(' ')[0]
    const asked = before.findLast(({ text }) => text.startsWith(`${tag} `)) ?? before.at(-1)
    if (/^\* BYE/.test(line.text) && /LOGOUT/i.test(asked?.text ?? '')) return
    found.push({ command: asked?.text ?? '', answer: line.text })
  })
  return found
}
