import type { Databases } from '#db/client'
import {
  type Arrival,
  announceArrivals,
  countArrivals,
  type DeliveryTarget,
  insertMessages,
  lockMailboxes,
  type NewMessage,
} from '#db/mail/queries/deliver'
import { BoxSealer } from '#lib/crypto/box'
import { codeOf, Fault, isOutage } from '#lib/errors'
import { type AccountId, type EmailId, newId, type RegionId, type TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Delivery, Incoming, Mailbox } from '#mailcore/ports'
import { describeMessage } from '#mailcore/proto/mime/describe'
import { packMeta, type SealedMessage, sealMessage, squeeze } from '#mailcore/store/sealing'

/** One copy of a message, sealed for one account, waiting for its flush. */
interface Copy {
  tenantId: TenantId
  accountId: AccountId
  emailId: EmailId
  size: number
  receivedAt: Date
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
  const content = { squeezedBody: squeeze(message.raw), squeezedMeta: squeeze(packMeta(describeMessage(message.raw))) }
  const byRegion = new Map<RegionId, Copy[]>()
  for (const mailbox of distinct(message.mailboxes)) {
    const ref = { tenantId: mailbox.tenantId, accountId: mailbox.accountId, emailId: newId<EmailId>() }
    const copy: Copy = {
      ...ref,
      size: message.raw.length,
      receivedAt: message.receivedAt,
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

/** One transaction for all jobs. A job whose mailbox is gone or full is left out whole and told so; the others commit. */
async function flush(db: Databases, region: RegionId, jobs: readonly Job[]): Promise<void> {
  const refused = new Map<Job, Fault>()
  await db.mail(region).withDelivery(async (tx) => {
    const copies = jobs.flatMap((job) => job.copies)
    const wanted = new Map(copies.map((copy) => [copy.accountId, copy.tenantId]))
    const targets = new Map(
      (await lockMailboxes(tx, [...wanted.values()], [...wanted.keys()])).map((target) => [target.accountId, target]),
    )
    const planned = plan(jobs, targets, refused)
    if (planned.messages.length === 0) return
    const places = await countArrivals(tx, planned.arrivals)
    for (const message of planned.messages) {
      const place = places.get(message.folderId)
      if (!place) throw new Fault('UNAVAILABLE', 'The mailbox has no inbox.', { internal: 'inbox gone' })
      message.uid += place.firstUid
      message.modseq = place.modseq
    }
    await Promise.all([
      insertMessages(tx, planned.messages),
      announceArrivals(
        tx,
        planned.arrivals.map((a) => {
          const place = places.get(a.inboxId) ?? { firstUid: 0, modseq: 0 }
          return {
            tenantId: a.tenantId,
            accountId: a.accountId,
            folderId: a.inboxId,
            modseq: place.modseq,
            firstUid: place.firstUid,
            lastUid: place.firstUid + a.count - 1,
          }
        }),
      ),
    ])
  })
  for (const job of jobs) job.done(refused.get(job))
}

/** Gives each message its document number and its place among its folder's new messages (uid counts from 0 until the folder has answered). */
function plan(
  jobs: readonly Job[],
  targets: Map<AccountId, DeliveryTarget>,
  refused: Map<Job, Fault>,
): { messages: NewMessage[]; arrivals: Arrival[] } {
  const arrivals = new Map<AccountId, Arrival>()
  const messages: NewMessage[] = []
  for (const job of jobs) {
    const fault = refusal(job, targets, arrivals)
    if (fault) {
      refused.set(job, fault)
      continue
    }
    for (const copy of job.copies) {
      const target = targets.get(copy.accountId)
      if (!target) continue
      let arrival = arrivals.get(copy.accountId)
      if (!arrival) {
        arrival = { tenantId: copy.tenantId, accountId: copy.accountId, inboxId: target.inboxId, count: 0, bytes: 0 }
        arrivals.set(copy.accountId, arrival)
      }
      messages.push({
        tenantId: copy.tenantId,
        accountId: copy.accountId,
        folderId: target.inboxId,
        uid: arrival.count,
        document: target.nextDocument + arrival.count,
        emailId: copy.emailId,
        modseq: 0,
        size: copy.size,
        receivedAt: copy.receivedAt,
        wrappedKey: copy.sealed.wrappedKey,
        body: copy.sealed.body,
        meta: copy.sealed.meta,
      })
      arrival.count++
      arrival.bytes += copy.size
    }
  }
  return { messages, arrivals: [...arrivals.values()] }
}

function refusal(
  job: Job,
  targets: Map<AccountId, DeliveryTarget>,
  arrivals: Map<AccountId, Arrival>,
): Fault | undefined {
  for (const copy of job.copies) {
    const target = targets.get(copy.accountId)
    if (!target)
      return new Fault('UNAVAILABLE', 'The mailbox is not ready; try again later.', { internal: 'mailbox gone' })
    if (target.usedBytes + (arrivals.get(copy.accountId)?.bytes ?? 0) + copy.size > target.quotaBytes) {
      return new Fault('OVER_QUOTA', 'The mailbox is full.', { temporary: true })
    }
  }
  return undefined
}
