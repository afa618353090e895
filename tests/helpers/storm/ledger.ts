import { createHash } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'

export type Door = 'mx' | 'submission' | 'append'

/**
 * What the sender knows of one copy. `acked`: told that it is there. `refused`: told that it is not, for good, or before its last byte was sent. `deferred`: put off
 * after the last byte, as when a commit's own answer was lost; `unknown`: the connection ended after the last byte. In these two it may be there, once.
 */
export type Outcome = 'acked' | 'refused' | 'deferred' | 'unknown'

export interface Entry {
  readonly id: string
  readonly door: Door
  readonly recipients: readonly string[]
  /** SHA-256 of the body, hex */
  readonly bodySha: string
  /** Of the whole message, where the door leaves it as it is (submission rewrites the header) */
  readonly wholeSha: string
  readonly bytes: number
  /** By recipient; none: nothing was said of it */
  readonly outcomes: Map<string, Outcome>
}

/** Every message of a storm, by id, and a log of lines for whoever looks into a failure: S before the last byte, A code after the reply, U when there was none. */
export interface Ledger {
  readonly entries: ReadonlyMap<string, Entry>
  /** Milliseconds from the last byte to the 250, of each accepted message */
  readonly latenciesMs: readonly number[]
  /** Deciding replies by door and code */
  readonly replies: ReadonlyMap<string, number>
  open(entry: Omit<Entry, 'outcomes'>): Entry
  sent(entry: Entry): void
  settle(entry: Entry, recipients: readonly string[], outcome: Outcome, code: number): void
  took(ms: number): void
  count(outcome: Outcome): number
  close(): Promise<void>
}

export const sha = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

export function createLedger(options: { file?: string } = {}): Ledger {
  const entries = new Map<string, Entry>()
  const latenciesMs: number[] = []
  const replies = new Map<string, number>()
  const log: WriteStream | undefined = options.file ? createWriteStream(options.file, { flags: 'a' }) : undefined
  const write = (text: string) => void log?.write(`${new Date().toISOString()} ${text}\n`)
  return {
    entries,
    latenciesMs,
    replies,
    open: (given) => {
      const entry = { ...given, outcomes: new Map<string, Outcome>() }
      entries.set(entry.id, entry)
      return entry
    },
    sent: ({ id, door }) => write(`S ${id} ${door}`),
    settle: (entry, recipients, outcome, code) => {
      write(`${code === 0 ? 'U' : `A ${code}`} ${entry.id} ${recipients.length}`)
      const name = `${entry.door} ${code}`
      replies.set(name, (replies.get(name) ?? 0) + 1)
      for (const recipient of recipients) {
        const before = entry.outcomes.get(recipient)
        // What was once accepted stays so; what may be there once may be so however a later try ends.
        if (before === 'acked') continue
        const open = before === 'deferred' || before === 'unknown'
        entry.outcomes.set(recipient, open && outcome === 'refused' ? before : outcome)
      }
    },
    took: (ms) => void latenciesMs.push(ms),
    count: (wanted) => {
      let n = 0
      for (const { outcomes } of entries.values()) for (const outcome of outcomes.values()) if (outcome === wanted) n++
      return n
    },
    close: () => new Promise((done) => (log ? log.end(() => done()) : done())),
  }
}

/** The value below which a share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
