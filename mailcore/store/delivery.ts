import type { Databases } from '#db/client'
import {
  type Arrival,
  announceArrivals,
  countArrivals,
  insertMessages,
  insertWaiting,
  type NewMessage,
  type NewWaiting,
  type Place,
} from '#db/mail/queries/deliver'
import { BoxSealer } from '#lib/crypto/box'
import { codeOf, Fault, isOutage } from '#lib/errors'
import { type AccountId, type EmailId, newId, type RegionId, type TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Delivery, Incoming, Mailbox } from '#mailcore/ports'
import { describeMessage } from '#mailcore/proto/mime/describe'
import { asIs, type Envelope, packMeta, type SealedMessage, sealMessage, squeeze } from '#mailcore/store/sealing'

/** One copy of a message, sealed for one account, waiting for its flush. */
interface Copy {
  tenantId: TenantId
  accountId: AccountId
  emailId: EmailId
  size: number
  receivedAt: Date
  envelope: Envelope
  sealed: SealedMessage
}

/** The copies of one message in one region: stored together or not at all. */
interface Job {
  copies: Copy[]
  done: (error?: unknown) => void
}

/** Messages a flush takes at most: beyond this the commit's cost is spread thin already and latency only grows. */
const FLUSH_MESSAGES = 192
const FLUSH_BYTES = 16 * 1024 * 1024
/** Sealed bytes that may wait before callers must: bounds memory when the database is slow. */
const WAITING_BYTES = 256 * 1024 * 1024

/**
 * Flushes side by side in each region. Accounts are spread over the lanes, so that two flushes rarely want the same mailbox row;
 * where they do, the ordered locks make one wait.
 */
const LANES = 2

const laneOf = (account: AccountId): number => Number.parseInt(account.slice(-2), 16) % LANES

/**
 * Delivery with group commit: while one transaction commits, what arrives meanwhile gathers for the next. Each message is described and compressed once,
 * sealed for each account, and its caller hears after the commit only.
 */
export function createDelivery(parts: { db: Databases; log: Log }): Delivery {
  const sealer = new BoxSealer()
  const lanes = new Map<string, Lane>()
  const laneFor = (region: RegionId, first: AccountId): Lane => {
    const name = `${region}|${laneOf(first)}`
    let lane = lanes.get(name)
    if (!lane) {
      lane = new Lane((jobs) => flush(parts.db, region, jobs), parts.log)
      lanes.set(name, lane)
    }
    return lane
  }
  return {
    deliver: async (message) => {
      const copies = sealCopies(sealer, message)
      await Promise.all(
        [...copies].map(([region, list]) => {
          const first = list[0]
          return first ? laneFor(region, first.accountId).add(list) : undefined
        }),
      )
    },
  }
}

function sealCopies(sealer: BoxSealer, message: Incoming): Map<RegionId, Copy[]> {
  const content = { squeezedBody: squeeze(message.raw), squeezedMeta: asIs(packMeta(describeMessage(message.raw))) }
  const byRegion = new Map<RegionId, Copy[]>()
  for (const mailbox of distinct(message.mailboxes)) {
    const ref = { tenantId: mailbox.tenantId, accountId: mailbox.accountId, emailId: newId<EmailId>() }
    const copy: Copy = {
      ...ref,
      size: message.raw.length,
      receivedAt: message.receivedAt,
      envelope: {
        sender: message.envelope?.sender ?? '',
        recipients: message.envelope?.recipientsOf(mailbox.accountId) ?? [],
      },
      sealed: sealMessage(sealer, mailbox, ref, content),
    }
    const list = byRegion.get(mailbox.region)
    if (list) list.push(copy)
    else byRegion.set(mailbox.region, [copy])
  }
  return byRegion
}

/** Two recipients that lead to one mailbox get one copy. */
const distinct = (mailboxes: readonly Mailbox[]): Mailbox[] => [
  ...new Map(mailboxes.map((m) => [m.accountId, m])).values(),
]

/** One stream of flushes: a class, since it lives as long as the process. */
class Lane {
  readonly #flush: (jobs: Job[]) => Promise<void>
  readonly #log: Log
  #waiting: Job[] = []
  #waitingBytes = 0
  #running = false

  constructor(flush: (jobs: Job[]) => Promise<void>, log: Log) {
    this.#flush = flush
    this.#log = log
  }

  add(copies: Copy[]): Promise<void> {
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
      if (!this.#running) {
        this.#running = true
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
    this.#running = false
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

const bytesOf = (copies: readonly Copy[]): number =>
  copies.reduce((sum, copy) => sum + copy.sealed.body.length + copy.sealed.meta.length, 0)

/** Thrown inside the transaction, to undo it: these jobs cannot be stored. */
class Refused extends Error {
  readonly jobs: ReadonlyMap<Job, Fault>

  constructor(jobs: ReadonlyMap<Job, Fault>) {
    super('refused')
    this.jobs = jobs
  }
}

/** How often a flush that the database ended for a circle of locks is tried again. */
const DEADLOCK_RETRIES = 3

/** One transaction for all jobs. A job whose mailbox is gone or full is left out whole and told so; the others commit. */
async function flush(db: Databases, region: RegionId, jobs: readonly Job[]): Promise<void> {
  let left = [...jobs]
  for (let deadlocks = 0; left.length > 0; ) {
    try {
      await store(db, region, left)
      for (const job of left) job.done()
      return
    } catch (error) {
      if (error instanceof Refused) {
        for (const [job, fault] of error.jobs) job.done(fault)
        left = left.filter((job) => !error.jobs.has(job))
      } else if (codeOf(error) !== '40P01' || ++deadlocks > DEADLOCK_RETRIES) throw error
    }
  }
}

async function store(db: Databases, region: RegionId, jobs: readonly Job[]): Promise<void> {
  const arrivals = countCopies(jobs)
  await db.mail(region).withDelivery(async (tx) => {
    const places = await countArrivals(tx, arrivals)
    const refused = refusals(jobs, places, arrivals)
    if (refused.size > 0) throw new Refused(refused)
    const announced = arrivals.flatMap((arrival) => {
      const place = places.get(arrival.accountId)
      if (!place) return []
      const { folderId, waits, modseq, firstUid } = place
      return { ...arrival, folderId, waits, modseq, firstUid, lastUid: firstUid + arrival.count - 1 }
    })
    const { messages, waiting } = placeCopies(jobs, places)
    // In this order on the connection: a row in intake refers to its message.
    await Promise.all([insertMessages(tx, messages), insertWaiting(tx, waiting), announceArrivals(tx, announced)])
  })
}

/** What comes to each mailbox, in the order of their ids. */
function countCopies(jobs: readonly Job[]): Arrival[] {
  const arrivals = new Map<AccountId, Arrival>()
  for (const { copies } of jobs) {
    for (const copy of copies) {
      const arrival = arrivals.get(copy.accountId)
      if (arrival) {
        arrival.count++
        arrival.bytes += copy.size
      } else
        arrivals.set(copy.accountId, { tenantId: copy.tenantId, accountId: copy.accountId, count: 1, bytes: copy.size })
    }
  }
  return [...arrivals.values()].sort((a, b) => (a.tenantId + a.accountId < b.tenantId + b.accountId ? -1 : 1))
}

/** The jobs that do not fit, in the order in which they came: an earlier one may take the room a later one would need. */
function refusals(
  jobs: readonly Job[],
  places: ReadonlyMap<AccountId, Place>,
  arrivals: readonly Arrival[],
): Map<Job, Fault> {
  const room = new Map<AccountId, number>()
  for (const arrival of arrivals) {
    const place = places.get(arrival.accountId)
    if (place) room.set(arrival.accountId, place.quotaBytes - place.usedBytes + arrival.bytes)
  }
  const refused = new Map<Job, Fault>()
  for (const job of jobs) {
    const gone = job.copies.some((copy) => !places.has(copy.accountId))
    if (gone)
      refused.set(
        job,
        new Fault('UNAVAILABLE', 'The mailbox is not ready; try again later.', { internal: 'mailbox gone' }),
      )
    else if (job.copies.some((copy) => (room.get(copy.accountId) ?? 0) < copy.size))
      refused.set(job, new Fault('OVER_QUOTA', 'The mailbox is full.', { temporary: true }))
    else for (const copy of job.copies) room.set(copy.accountId, (room.get(copy.accountId) ?? 0) - copy.size)
  }
  return refused
}

/** Gives each copy its document number and uid, in the order in which the jobs came; where a script is active, it waits with its envelope. */
function placeCopies(
  jobs: readonly Job[],
  places: ReadonlyMap<AccountId, Place>,
): { messages: NewMessage[]; waiting: NewWaiting[] } {
  const taken = new Map<AccountId, number>()
  const messages: NewMessage[] = []
  const waiting: NewWaiting[] = []
  for (const { copies } of jobs) {
    for (const copy of copies) {
      const place = places.get(copy.accountId)
      if (!place) continue
      const nth = taken.get(copy.accountId) ?? 0
      taken.set(copy.accountId, nth + 1)
      const at = {
        tenantId: copy.tenantId,
        accountId: copy.accountId,
        folderId: place.folderId,
        uid: place.firstUid + nth,
      }
      if (place.waits) waiting.push({ ...at, envelopeSealed: copy.sealed.sealEnvelope(copy.envelope) })
      messages.push({
        ...at,
        document: place.firstDocument + nth,
        emailId: copy.emailId,
        modseq: place.modseq,
        size: copy.size,
        receivedAt: copy.receivedAt,
        wrappedKey: copy.sealed.wrappedKey,
        body: copy.sealed.body,
        meta: copy.sealed.meta,
      })
    }
  }
  return { messages, waiting }
}
