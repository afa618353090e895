import { SECOND_MS } from '#lib/clock'
import type { Transaction } from './commands'
import { type Connection, type Opened, type OpenOptions, openConnection, type Sent } from './connection'
import type { Target } from './line'

export interface PoolOptions {
  /** Connections to one host at a time; 5 */
  connectionsMost?: number
  /** How long a connection waits for the next message; 5 s */
  idleMs?: number
  /** Messages of one connection; 100 */
  messagesMost?: number
}

/** What a transaction needs of the connection it goes over. */
export type Use = Omit<OpenOptions, 'signal'> & { target: Target; signal: AbortSignal }

/** Why a transaction never began, or how it went and over which connection. */
export type Result = Exclude<Opened, { ok: true }> | { ok: true; sent: Sent; connection: Connection }

interface Lane {
  idle: { connection: Connection; timer: NodeJS.Timeout }[]
  open: number
  waiting: (() => void)[]
}

const IDLE_MS = 5 * SECOND_MS
const CONNECTIONS_MOST = 5
const MESSAGES_MOST = 100

/**
 * Connections kept for the next message to the same host from the same address under the same demand: one made for less is never used for more. A
 * connection that ends before anything was said of a message was closed while it lay idle; the message then gets a fresh one.
 */
export class ConnectionPool {
  private readonly lanes = new Map<string, Lane>()
  private readonly used = new WeakMap<Connection, number>()
  private readonly connectionsMost: number
  private readonly idleMs: number
  private readonly messagesMost: number
  private closed = false

  constructor(options: PoolOptions = {}) {
    this.connectionsMost = options.connectionsMost ?? CONNECTIONS_MOST
    this.idleMs = options.idleMs ?? IDLE_MS
    this.messagesMost = options.messagesMost ?? MESSAGES_MOST
  }

  /** Sends one message over a connection that lies idle, or a new one. Never throws. */
  async send(use: Use, transaction: Transaction): Promise<Result> {
    const key = keyOf(use)
    const lane = this.lanes.get(key) ?? { idle: [], open: 0, waiting: [] }
    this.lanes.set(key, lane)
    await this.enter(lane, use.signal)
    if (use.signal.aborted) {
      this.leave(key, lane)
      return { ok: false, kind: 'no-answer' }
    }
    try {
      const kept = this.takeIdle(lane)
      if (kept) {
        const sent = await this.transact(kept, transaction, use.signal)
        if (sent.unfit || sent.replies.some((reply) => reply !== null) || sent.poured || use.signal.aborted)
          return this.keep([key, lane], kept, sent)
      }
      const opened = await openConnection(use.target, use)
      if (!opened.ok) return opened
      const sent = await this.transact(opened.connection, transaction, use.signal)
      return this.keep([key, lane], opened.connection, sent)
    } finally {
      this.leave(key, lane)
    }
  }

  private async transact(connection: Connection, transaction: Transaction, signal: AbortSignal): Promise<Sent> {
    const abort = () => connection.destroy()
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await connection.send(transaction)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  private keep([key, lane]: [string, Lane], connection: Connection, sent: Sent): Result {
    const used = (this.used.get(connection) ?? 0) + 1
    this.used.set(connection, used)
    if (!sent.reusable || connection.closed || this.closed || used >= this.messagesMost) connection.quit()
    else {
      const timer = setTimeout(() => {
        lane.idle = lane.idle.filter((one) => one.connection !== connection)
        if (lane.open === 0 && lane.idle.length === 0 && this.lanes.get(key) === lane) this.lanes.delete(key)
        connection.quit()
      }, this.idleMs)
      timer.unref()
      lane.idle.push({ connection, timer })
    }
    return { ok: true, sent, connection }
  }

  private takeIdle(lane: Lane): Connection | null {
    for (let one = lane.idle.pop(); one; one = lane.idle.pop()) {
      clearTimeout(one.timer)
      if (!one.connection.closed) return one.connection
    }
    return null
  }

  private enter(lane: Lane, signal: AbortSignal): Promise<void> {
    if (lane.open < this.connectionsMost) {
      lane.open++
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      const stop = () => {
        lane.waiting = lane.waiting.filter((one) => one !== go)
        lane.open++
        resolve()
      }
      lane.waiting.push(go)
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  private leave(key: string, lane: Lane): void {
    const next = lane.waiting.shift()
    if (next) {
      next()
      return
    }
    lane.open--
    // A lane goes with its last user; what lies idle in it keeps it until its timer has run.
    if (lane.open === 0 && lane.idle.length === 0) this.lanes.delete(key)
  }

  /** Ends what lies idle; what is in use ends when it is done. */
  close(): void {
    this.closed = true
    for (const lane of this.lanes.values()) {
      for (const { connection, timer } of lane.idle) {
        clearTimeout(timer)
        connection.quit()
      }
      lane.idle = []
    }
  }
}

function keyOf({ target, hostname, localAddress, demand }: Use): string {
  const proof =
    demand.kind === 'dane'
      ? demand.records.map((one) => `${one.usage}${one.selector}${one.matching}${one.data.toString('hex')}`).join(',')
      : ''
  return [target.host, target.address, target.port, hostname, localAddress ?? '', demand.kind, proof].join(' ')
}
