import { type Capabilities, NO_CAPABILITIES, readCapabilities } from './capabilities'
import { mailCommand, rcptCommand, type Transaction } from './commands'
import { type Connect, dial, Line, NoAnswer, type Target, TIMES } from './line'
import type { Reply } from './reply'
import { startTls, type TlsDemand, type TlsProblem, type TlsState } from './tls'
import { dataPieces } from './wire-bytes'

export interface OpenOptions {
  /** Our name in EHLO; nothing of the sender or the sender's program */
  hostname: string
  demand: TlsDemand
  localAddress?: string
  connect?: Connect
  ca?: string
  signal: AbortSignal
}

/** A connection ready for MAIL, or why there is none. */
export type Opened =
  | { ok: true; connection: Connection }
  /** The server refused to talk to us: a code of the greeting or of EHLO */
  | { ok: false; kind: 'reply'; reply: Reply }
  | { ok: false; kind: 'no-answer' }
  /** The host is not who it must be, or cannot do what it must */
  | { ok: false; kind: 'tls'; problem: TlsProblem }

/** Why a message cannot go over a connection at all: our own verdict, from what the server offers. */
export interface Unfit {
  code: number
  enhanced: '5.3.4' | '5.6.7' | '5.7.30'
}

/** What became of one transaction: an answer to each recipient, in order. Null: none was heard. */
export interface Sent {
  replies: readonly (Reply | null)[]
  /** Did the message itself go out? Then an answer that was not heard may have been a 250. */
  poured: boolean
  /** Not begun: the server cannot take such a message */
  unfit?: Unfit
  /** May the connection carry another transaction? */
  reusable: boolean
}

/** One SMTP connection past EHLO and STARTTLS; one transaction at a time. */
export class Connection {
  private readonly line: Line
  private dirty = false
  private poured = false
  readonly target: Target
  readonly capabilities: Capabilities
  /** null: in the clear */
  readonly tls: TlsState | null

  constructor(line: Line, parts: { target: Target; capabilities: Capabilities; tls: TlsState | null }) {
    this.line = line
    this.target = parts.target
    this.capabilities = parts.capabilities
    this.tls = parts.tls
  }

  get closed(): boolean {
    return this.line.closed
  }

  /** Sends one message to its recipients. Never throws: an answer that never came is null. */
  async send(one: Transaction): Promise<Sent> {
    const heard: (Reply | null)[] = one.recipients.map(() => null)
    this.poured = false
    const unfit = this.unfit(one)
    if (unfit) return { replies: heard, poured: false, unfit, reusable: true }
    try {
      await this.transact(one, heard)
      return { replies: heard, poured: this.poured, reusable: !this.closed }
    } catch (error) {
      this.line.destroy()
      if (!(error instanceof NoAnswer)) throw error
      return { replies: heard, poured: this.poured, reusable: false }
    }
  }

  private unfit(one: Transaction): Unfit | null {
    const { capabilities: can, tls } = this
    // RFC 8689 4.2.1: only to a server that has proven who it is and promises the same.
    if (one.requireTls && !(can.requireTls && tls?.verified)) return { code: 550, enhanced: '5.7.30' }
    // RFC 1870 6.1: told before the bytes are sent.
    if (can.size && one.message.length > can.size) return { code: 552, enhanced: '5.3.4' }
    // RFC 6531 3.2. A header alone beyond ASCII goes on as it is: many write such headers and mean no more by it.
    const international = !isAscii(one.sender) || one.recipients.some(({ address }) => !isAscii(address))
    return international && !can.smtpUtf8 ? { code: 553, enhanced: '5.6.7' } : null
  }

  private async transact(one: Transaction, heard: (Reply | null)[]): Promise<void> {
    const { line, capabilities: can } = this
    if (this.dirty && (await line.ask('RSET\r\n', TIMES.commandMs)).code !== 250) throw new NoAnswer('RSET refused')
    this.dirty = true
    const commands = [mailCommand(one, can), ...one.recipients.map((recipient) => rcptCommand(recipient, can))]
    // RFC 2920: MAIL, RCPT and DATA travel together; their answers are read one by one all the same.
    if (can.pipelining) line.send(`${commands.join('')}DATA\r\n`, commands.length + 1)
    const answer = (command: string, withinMs: number) =>
      can.pipelining ? line.reply(withinMs) : line.ask(command, withinMs)
    const mail = await answer(commands[0] ?? '', TIMES.commandMs)
    if (mail.code !== 250 && !can.pipelining) return all(heard, mail)
    for (const i of one.recipients.keys()) {
      const reply = await answer(commands[i + 1] ?? '', TIMES.commandMs)
      heard[i] = mail.code === 250 ? reply : mail
    }
    const taken = heard.flatMap((reply, i) => (reply && (reply.code === 250 || reply.code === 251) ? [i] : []))
    if (taken.length === 0 && !can.pipelining) return
    // Until the message is taken, nothing is: a 250 to RCPT alone must never count as delivered.
    const kept = taken.map((i) => [i, heard[i] ?? null] as const)
    for (const [i] of kept) heard[i] = null
    const go = await answer('DATA\r\n', TIMES.dataMs)
    if (go.code !== 354) {
      // A 2xx here is no SMTP; nothing was handed over.
      if (go.code < 400) throw new NoAnswer('DATA answered with success')
      for (const [i] of kept) heard[i] = go
      return
    }
    if (taken.length === 0) {
      // It wants data although it refused everyone (RFC 2920 3.1): an empty message, whose answer means nothing.
      line.send('\r\n.\r\n', 1)
      await line.reply(TIMES.endMs)
      return
    }
    this.poured = true
    await line.pour(dataPieces(one.message), 1)
    const end = await line.reply(TIMES.endMs)
    for (const [i] of kept) heard[i] = end
    this.dirty = end.code !== 250
  }

  quit(): void {
    this.line.quit()
  }

  destroy(): void {
    this.line.destroy()
  }
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

function all(heard: (Reply | null)[], reply: Reply): void {
  heard.fill(reply)
}

/**
 * Connects, greets and secures. With an opportunistic demand a handshake that fails is followed by one more connection in the clear (RFC 7435: better
 * than none); with any other demand nothing is ever said in the clear beyond STARTTLS. Never throws.
 */
export async function openConnection(target: Target, options: OpenOptions): Promise<Opened> {
  const first = await greet(target, options, false)
  return first.again && !options.signal.aborted ? (await greet(target, options, true)).opened : first.opened
}

interface Greeted {
  opened: Opened
  /** The handshake failed, and the demand bears going on in the clear. */
  again: boolean
}

const done = (opened: Opened): Greeted => ({ opened, again: false })
const refused = (reply: Reply): Greeted => done({ ok: false, kind: 'reply', reply })

async function greet(target: Target, options: OpenOptions, plain: boolean): Promise<Greeted> {
  let line: Line | undefined
  const abort = () => line?.destroy()
  try {
    line = new Line(await dial(target, options))
    options.signal.addEventListener('abort', abort, { once: true })
    if (options.signal.aborted) throw new NoAnswer('stopped')
    const greeting = await awaitGreeting(line)
    if (greeting.code !== 220) return end(line, refused(greeting))
    const hello = await sayHello(line, options.hostname)
    if (hello.reply.code !== 250) return end(line, refused(hello.reply))
    return await secure(line, { target, options, plain, capabilities: hello.capabilities })
  } catch (error) {
    line?.destroy()
    if (error instanceof NoAnswer) return done({ ok: false, kind: 'no-answer' })
    throw error
  } finally {
    options.signal.removeEventListener('abort', abort)
  }
}

function awaitGreeting(line: Line): Promise<Reply> {
  line.send('', 1)
  return line.reply(TIMES.greetingMs)
}

function end(line: Line, greeted: Greeted): Greeted {
  line.quit()
  return greeted
}

async function sayHello(line: Line, hostname: string): Promise<{ reply: Reply; capabilities: Capabilities }> {
  const reply = await line.ask(`EHLO ${hostname}\r\n`, TIMES.commandMs)
  if (reply.code === 250) return { reply, capabilities: readCapabilities(reply) }
  // RFC 5321 3.2: a server without extensions answers EHLO with 5yz.
  if (reply.code < 500) return { reply, capabilities: NO_CAPABILITIES }
  return { reply: await line.ask(`HELO ${hostname}\r\n`, TIMES.commandMs), capabilities: NO_CAPABILITIES }
}

async function secure(
  line: Line,
  at: { target: Target; options: OpenOptions; plain: boolean; capabilities: Capabilities },
): Promise<Greeted> {
  const { target, options, plain, capabilities } = at
  const { demand, hostname, ca } = options
  const must = demand.kind !== 'opportunistic'
  if (!capabilities.startTls || (plain && !must)) {
    if (must) return end(line, done({ ok: false, kind: 'tls', problem: 'starttls-not-supported' }))
    return done({ ok: true, connection: new Connection(line, { target, capabilities, tls: null }) })
  }
  const go = await line.ask('STARTTLS\r\n', TIMES.commandMs)
  if (go.code !== 220) {
    // Offered and refused: like not offered.
    if (must) return end(line, done({ ok: false, kind: 'tls', problem: 'starttls-not-supported' }))
    line.quit()
    return { opened: { ok: false, kind: 'reply', reply: go }, again: true }
  }
  let state: TlsState | undefined
  try {
    await line.change(async (socket) => {
      const secured = await startTls(socket, { host: target.host, demand, ca, timeoutMs: TIMES.handshakeMs })
      state = secured.state
      return secured.socket
    })
  } catch (error) {
    if (error instanceof NoAnswer) throw error
    const failed: Opened = must
      ? { ok: false, kind: 'tls', problem: 'validation-failure' }
      : { ok: false, kind: 'no-answer' }
    return { opened: failed, again: !must }
  }
  const tls = state ?? null
  if (tls?.problem && (demand.kind === 'dane' || demand.kind === 'webpki'))
    return end(line, done({ ok: false, kind: 'tls', problem: tls.problem }))
  // RFC 3207 4.2: what was said before TLS is forgotten.
  const hello = await sayHello(line, hostname)
  if (hello.reply.code !== 250) return end(line, refused(hello.reply))
  return done({ ok: true, connection: new Connection(line, { target, capabilities: hello.capabilities, tls }) })
}
