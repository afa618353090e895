import { codeOf, Fault, isOutage } from '#lib/errors'
import type { AccountId, EmailId, TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Destination } from '#mailcore/ports'
import type { Envelope, SealedMessage } from '#mailcore/store/sealing'

/** One copy of a message, sealed for one account, waiting for its flush. */
export interface Copy {
  tenantId: TenantId
  accountId: AccountId
  emailId: EmailId
  size: number
  receivedAt: Date
  envelope: Envelope
  sealed: SealedMessage
  /** Absent for INBOX. */
  into?: Destination
  onceKey?: Buffer
}

/** The copies of one message in one region: stored together or not at all. */
export interface Job {
  copies: readonly Copy[]
  done: (error?: unknown) => void
}

/** Messages a flush takes at most: beyond this the commit's cost is spread thin already and latency only grows. */
const FLUSH_MESSAGES = 192
const FLUSH_BYTES = 16 * 1024 * 1024
/** Sealed bytes that may wait before callers must: bounds memory when the database is slow. */
const WAITING_BYTES = 256 * 1024 * 1024

const bytesOf = (copies: readonly Copy[]): number =>
  copies.reduce((sum, copy) => sum + copy.sealed.body.length + copy.sealed.meta.length, 0)

/**
 * Messages that must wait for a second flush to run beside the first. Below, they are better kept together: what a commit costs is then shared by more of
 * them (measured with 16 sessions: seven a commit rather than four, a third less work for the database, a fifth more mail a second).
 */
const SECOND_FLUSH = 64
const FLUSHES_MOST = 2

/** One stream of flushes: a class, since it lives as long as the process. */
export class Lane {
  readonly #flush: (jobs: Job[]) => Promise<void>
  readonly #log: Log
  #waiting: Job[] = []
  #waitingBytes = 0
  #running = 0

  constructor(flush: (jobs: Job[]) => Promise<void>, log: Log) {
    this.#flush = flush
    this.#log = log
  }

  /** Resolves once the copies are committed; throws when they are not, or cannot be known to be. */
  add(copies: readonly Copy[]): Promise<void> {
    const bytes = bytesOf(copies)
    if (this.#waitingBytes + bytes > WAITING_BYTES) {
      return Promise.reject(
        new Fault('UNAVAILABLE', 'Too much mail is waiting to be stored; try again in a moment.', {
          internal: 'delivery backlog',
        }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ copies, done: (error) => (error === undefined ? resolve() : reject(error)) })
      this.#waitingBytes += bytes
      if (this.#running === 0 || (this.#waiting.length >= SECOND_FLUSH && this.#running < FLUSHES_MOST)) {
        this.#running++
        // The next turn of the loop, so that whatever came in the same read joins this flush.
        setImmediate(() => void this.#run())
      }
    })
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const jobs = this.#take()
      try {
        await this.#flush(jobs)
      } catch (error) {
        this.#log.warn('delivery failed', { code: codeOf(error), messages: jobs.length })
        const outcome = isOutage(error)
          ? error
          : new Fault('UNAVAILABLE', 'The message could not be stored; try again later.', {
              internal: codeOf(error),
              cause: error,
            })
        for (const job of jobs) job.done(outcome)
      }
    }
    this.#running--
  }

  #take(): Job[] {
    let bytes = 0
    let count = 0
    for (const job of this.#waiting) {
      bytes += bytesOf(job.copies)
      if (count > 0 && (count >= FLUSH_MESSAGES || bytes > FLUSH_BYTES)) break
      count++
    }
    const jobs = this.#waiting.splice(0, count)
    for (const job of jobs) this.#waitingBytes -= bytesOf(job.copies)
    return jobs
  }
}
