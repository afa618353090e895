import { type Socket, connect as tcpConnect } from 'node:net'
import { MINUTE_MS, SECOND_MS } from '#lib/clock'
import { type Reply, ReplyParser } from './reply'

/** Where to connect. */
export interface Target {
  /** The MX host's name, for TLS */
  host: string
  /** What is connected to: an IP address, or a routed host */
  address: string
  port: number
}

/** Opens a connection, for tests; node's own when left out. */
export type Connect = (target: Target) => Promise<Socket>

/** How long each answer may take (RFC 5321 4.5.3.2). The last is longer than asked: a slow 250 must not become a second copy. */
export const TIMES = {
  connectMs: 30 * SECOND_MS,
  handshakeMs: MINUTE_MS,
  greetingMs: 5 * MINUTE_MS,
  commandMs: 5 * MINUTE_MS,
  dataMs: 2 * MINUTE_MS,
  blockMs: 3 * MINUTE_MS,
  endMs: 11 * MINUTE_MS,
  quitMs: 10 * SECOND_MS,
} as const

/** No usable answer: refused, timed out, broken off, or not SMTP. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/**
 * One side of an SMTP dialogue: bytes out, whole replies in. A reply that nobody has asked for ends it, and so does whatever follows the reply to
 * STARTTLS in the clear (S-04): a stranger on the way has put it there.
 */
export class Line {
  private socket: Socket
  private parser = new ReplyParser()
  private readonly replies: Reply[] = []
  private expected = 0
  private failure: NoAnswer | null = null
  private wake: (() => void) | null = null

  constructor(socket: Socket) {
    this.socket = socket
    this.listen()
  }

  get closed(): boolean {
    return this.failure !== null
  }

  private listen(): void {
    const { socket } = this
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.take(chunk))
    socket.on('error', (error) => this.fail(error.message))
    socket.on('close', () => this.fail('closed'))
    socket.on('end', () => this.fail('ended'))
  }

  private take(chunk: Buffer): void {
    try {
      this.replies.push(...this.parser.push(chunk))
    } catch {
      this.fail('malformed reply')
      return
    }
    if (this.replies.length > this.expected || (this.replies.length === this.expected && this.parser.partial))
      this.fail('reply that nobody asked for')
    else this.wake?.()
  }

  private fail(why: string): void {
    this.failure ??= new NoAnswer(why)
    this.socket.destroy()
    this.wake?.()
  }

  /** Ends it at once. */
  destroy(): void {
    this.fail('given up')
  }

  /** Writes bytes that `replies` replies answer. */
  send(bytes: string | Buffer, replies: number): void {
    this.expected += replies
    if (!this.failure) this.socket.write(bytes)
  }

  /** Writes large bytes and waits until the kernel has them, piece by piece. */
  async pour(pieces: readonly Buffer[], replies: number): Promise<void> {
    this.expected += replies
    this.socket.cork()
    let flowing = true
    for (const piece of pieces) flowing = this.socket.write(piece)
    this.socket.uncork()
    while (!flowing && !this.failure && this.socket.writableNeedDrain) {
      await this.drained()
      flowing = true
    }
  }

  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.socket.off('drain', done)
        this.socket.off('close', done)
        resolve()
      }
      const timer = setTimeout(() => this.fail('blocked'), TIMES.blockMs)
      this.socket.once('drain', done)
      this.socket.once('close', done)
    })
  }

  /** The next reply. Throws NoAnswer. */
  async reply(withinMs: number): Promise<Reply> {
    if (this.replies.length === 0 && !this.failure) await this.arrival(withinMs)
    const reply = this.replies.shift()
    if (reply) {
      this.expected--
      return reply
    }
    throw this.failure ?? new NoAnswer('no reply')
  }

  private arrival(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.fail('timeout'), withinMs)
      this.wake = () => {
        if (this.replies.length === 0 && !this.failure) return
        clearTimeout(timer)
        this.wake = null
        resolve()
      }
    })
  }

  async ask(command: string, withinMs: number): Promise<Reply> {
    this.send(command, 1)
    return this.reply(withinMs)
  }

  /** Changes to another socket over the same connection, with nothing of what came before. */
  async change(over: (socket: Socket) => Promise<Socket>): Promise<void> {
    if (this.replies.length > 0 || this.parser.partial) this.fail('bytes before the handshake')
    if (this.failure) throw this.failure
    for (const event of ['data', 'error', 'close', 'end']) this.socket.removeAllListeners(event)
    const before = this.socket
    before.on('error', () => undefined)
    try {
      this.socket = await over(before)
    } catch (error) {
      this.failure = new NoAnswer('handshake')
      before.destroy()
      throw error
    }
    this.parser = new ReplyParser()
    this.listen()
  }

  /** Says goodbye without waiting for it. */
  quit(): void {
    if (this.failure) return
    this.expected++
    this.socket.write('QUIT\r\n')
    const { socket } = this
    const timer = setTimeout(() => socket.destroy(), TIMES.quitMs)
    timer.unref()
    this.wake = () => {
      clearTimeout(timer)
      socket.destroy()
    }
  }
}

/** Connects from `localAddress` where one is given. Throws NoAnswer. */
export function dial(target: Target, options: { localAddress?: string; connect?: Connect }): Promise<Socket> {
  if (options.connect) {
    return options.connect(target).catch((error: unknown) => {
      throw new NoAnswer(error instanceof Error ? error.message : 'connect')
    })
  }
  const { localAddress } = options
  const socket = tcpConnect({ host: target.address, port: target.port, ...(localAddress ? { localAddress } : {}) })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('connect timeout')), TIMES.connectMs)
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(new NoAnswer(error.message))
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}
