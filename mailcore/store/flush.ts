import type { Databases, Statement, Writer } from '#db/client'
import {
  type Arrival,
  type ArrivedIn,
  announceArrivals,
  type Course,
  countInFolders,
  countInMailboxes,
  type FolderPlace,
  insertAccepted,
  insertMessages,
  insertQuarantined,
  insertWaiting,
  type MailboxPlace,
  type NewMessage,
  type NewQuarantined,
  type NewWaiting,
  selectAccepted,
} from '#db/mail/queries/deliver'
import { codeOf, Fault } from '#lib/errors'
import type { AccountId, FolderId, RegionId } from '#lib/ids'
import type { Copy, Job } from '#mailcore/store/lane'

/** Thrown inside the transaction, to undo it: what must be left out of the next try. */
class LeftOut extends Error {
  /** These cannot be stored, and why. */
  readonly refused: ReadonlyMap<Job, Fault>
  /** These copies their mailboxes have already. */
  readonly repeated: ReadonlySet<Copy>

  constructor(refused: ReadonlyMap<Job, Fault>, repeated: ReadonlySet<Copy>) {
    super('left out')
    this.refused = refused
    this.repeated = repeated
  }
}

/** How often a flush that the database ended for a circle of locks is tried again. */
const DEADLOCK_RETRIES = 3

/**
 * One transaction for all jobs. A job whose mailbox is gone or full is left out whole and told so, a copy that its mailbox has taken before is left out
 * and told nothing; the others commit.
 */
export async function flush(db: Databases, region: RegionId, jobs: readonly Job[]): Promise<void> {
  let left = [...jobs]
  for (let deadlocks = 0; left.length > 0; ) {
    const stored = withoutTwins(left)
    try {
      if (stored.some((job) => job.copies.length > 0)) await store(db, region, stored)
      for (const job of left) job.done()
      return
    } catch (error) {
      if (error instanceof LeftOut) left = without(left, stored, error)
      else if (codeOf(error) !== '40P01' || ++deadlocks > DEADLOCK_RETRIES) throw error
    }
  }
}

const nameOf = (copy: Copy): string | undefined =>
  copy.onceKey && `${copy.accountId} ${copy.onceKey.toString('latin1')}`

/** The jobs with each message once for each mailbox: of those that came together the first. */
function withoutTwins(jobs: readonly Job[]): Job[] {
  const seen = new Set<string>()
  return jobs.map((job) => {
    const copies = job.copies.filter((copy) => {
      const name = nameOf(copy)
      if (name === undefined) return true
      if (seen.has(name)) return false
      seen.add(name)
      return true
    })
    return copies.length === job.copies.length ? job : { ...job, copies }
  })
}

/** What is left to store, with those told who can be. A twin of a job that was refused has its turn in the next try. */
function without(left: readonly Job[], stored: readonly Job[], out: LeftOut): Job[] {
  const repeated = new Set([...out.repeated].map(nameOf))
  return left.flatMap((job, i) => {
    const tried = stored[i]
    const fault = tried && out.refused.get(tried)
    if (fault) job.done(fault)
    return fault ? [] : [{ ...job, copies: job.copies.filter((copy) => !copy.onceKey || !repeated.has(nameOf(copy))) }]
  })
}

const courseOf = (copy: Copy): Course => copy.into?.folder ?? 'inbox'

async function store(db: Databases, region: RegionId, jobs: readonly Job[]): Promise<void> {
  const copies = jobs.flatMap((job) => job.copies)
  const keys = copies.flatMap(({ tenantId, accountId, onceKey }) => (onceKey ? [{ tenantId, accountId, onceKey }] : []))
  const { totals, arrivals } = countCopies(copies)
  await db.mail(region).deliver(
    (sql) => [
      countInMailboxes(sql, totals),
      countInFolders(sql, arrivals),
      ...(keys.length > 0 ? [selectAccepted(sql, keys)] : []),
    ],
    ([boxes, folders, known], sql) => {
      const mailboxes = new Map(boxes.map((row) => [row.accountId, row]))
      const taken = new Set(
        known?.map((row) => `${row.accountId} ${Buffer.from(row.onceKey, 'hex').toString('latin1')}`),
      )
      const repeated = new Set(copies.filter((copy) => taken.has(nameOf(copy) ?? '')))
      // First those: what is there already needs no room.
      if (repeated.size > 0) throw new LeftOut(new Map(), repeated)
      const refused = refusals(jobs, mailboxes, totals)
      if (refused.size > 0) throw new LeftOut(refused, repeated)
      const placed = placeCopies(copies, mailboxes, folders)
      return [...writeCopies(sql, placed), ...(keys.length > 0 ? [insertAccepted(sql, keys)] : [])]
    },
  )
}

type Total = Omit<Arrival, 'course'>

/** What comes to each mailbox, all told and on each course, in the order of their ids. */
function countCopies(copies: readonly Copy[]): { totals: Total[]; arrivals: Arrival[] } {
  const totals = new Map<string, Total>()
  const arrivals = new Map<string, Arrival>()
  const add = <T extends Total>(to: Map<string, T>, name: string, first: T, copy: Copy) => {
    const total = to.get(name) ?? first
    total.count++
    total.bytes += copy.size
    to.set(name, total)
  }
  for (const copy of copies) {
    const course = courseOf(copy)
    const first = { tenantId: copy.tenantId, accountId: copy.accountId, count: 0, bytes: 0 }
    add(totals, copy.accountId, { ...first }, copy)
    add(arrivals, `${copy.accountId} ${course}`, { ...first, course }, copy)
  }
  const byId = (a: Total, b: Total) => (a.tenantId + a.accountId < b.tenantId + b.accountId ? -1 : 1)
  return { totals: [...totals.values()].sort(byId), arrivals: [...arrivals.values()].sort(byId) }
}

/** The jobs that do not fit, in the order in which they came: an earlier one may take the room a later one would need. */
function refusals(
  jobs: readonly Job[],
  mailboxes: ReadonlyMap<AccountId, MailboxPlace>,
  totals: readonly Total[],
): Map<Job, Fault> {
  const room = new Map<AccountId, number>()
  for (const { accountId, bytes } of totals) {
    const place = mailboxes.get(accountId)
    if (place) room.set(accountId, place.quotaBytes - place.usedBytes + bytes)
  }
  const refused = new Map<Job, Fault>()
  for (const job of jobs) {
    const gone = job.copies.some((copy) => !mailboxes.has(copy.accountId))
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

interface Placed {
  messages: NewMessage[]
  waiting: NewWaiting[]
  quarantined: NewQuarantined[]
  arrived: ArrivedIn[]
}

/** Gives each copy its document number, folder and uid, in the order in which the jobs came; where a script is active, it waits with its envelope. */
function placeCopies(
  copies: readonly Copy[],
  mailboxes: ReadonlyMap<AccountId, MailboxPlace>,
  folders: readonly FolderPlace[],
): Placed {
  const placeOf = new Map(folders.map((row) => [`${row.accountId} ${row.course}`, row]))
  const documents = new Map<AccountId, number>()
  const arrived = new Map<FolderId, ArrivedIn>()
  const placed: Omit<Placed, 'arrived'> = { messages: [], waiting: [], quarantined: [] }
  for (const copy of copies) {
    const { tenantId, accountId, emailId, size, receivedAt, into } = copy
    const course = courseOf(copy)
    const box = mailboxes.get(accountId)
    const place = placeOf.get(`${accountId} ${course}`)
    if (!box || !place)
      throw new Fault('UNAVAILABLE', 'The mailbox is not ready; try again later.', { internal: 'no folder' })
    const document = documents.get(accountId) ?? box.firstDocument
    documents.set(accountId, document + 1)
    const { folderId, modseq, firstUid } = place
    const waits = box.waits && course === 'inbox'
    const tell = waits ? 'intake' : place.quarantine ? null : 'mail'
    const before = arrived.get(folderId)
    const uid = before ? before.lastUid + 1 : firstUid
    if (before) before.lastUid = uid
    else arrived.set(folderId, { tenantId, accountId, folderId, modseq, firstUid, lastUid: uid, tell })
    const at = { tenantId, accountId, folderId, uid }
    if (waits) placed.waiting.push({ ...at, envelopeSealed: copy.sealed.sealEnvelope(copy.envelope) })
    if (place.quarantine && into?.folder === 'quarantine') placed.quarantined.push({ ...at, cause: into.cause })
    const { wrappedKey, body, meta } = copy.sealed
    placed.messages.push({ ...at, document, emailId, modseq, size, receivedAt, wrappedKey, body, meta })
  }
  return { ...placed, arrived: [...arrived.values()] }
}

/** In this order on the connection: what waits refers to its message. */
const writeCopies = (sql: Writer, { messages, waiting, quarantined, arrived }: Placed): Statement<unknown>[] => [
  ...insertMessages(sql, messages),
  ...(waiting.length > 0 ? [insertWaiting(sql, waiting)] : []),
  ...(quarantined.length > 0 ? [insertQuarantined(sql, quarantined)] : []),
  announceArrivals(sql, arrived),
]
