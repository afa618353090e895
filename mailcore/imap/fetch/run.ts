import { setImmediate as turn } from 'node:timers/promises'
import { Fault } from '#lib/errors'
import type { EmailId } from '#lib/ids'
import type { FolderView, MetaColumn, MetaItem } from '#mailcore/ports'
import { tellNewKeywords } from '../keywords'
import type { Session } from '../session'
import { answerFromBody, answerFromMeta, answerFromView, type Context, headerSuffices, unseen } from './answer'
import type { Plan } from './items'
import { Places, present } from './places'
import { Writer } from './writer'

/** How long one session may hold the process before others have a turn. */
const TURN_MS = 25
/** Messages between two looks at the clock and at what the client has taken. */
const STRIDE = 64
/** Stable ids looked up at a time. */
const EMAIL_IDS = 2_000

/** What could not be given. */
export interface Outcome {
  /** Messages were gone */
  lost: boolean
  /** A part had an unknown transfer encoding */
  unknownEncoding: boolean
}

/** Answers `plan` for `uids` (ascending), by the way that costs least; marks messages \Seen first where reading them does that. */
export async function runFetch(session: Session, plan: Plan, uids: Uint32Array): Promise<Outcome> {
  const { view, seen } = plan.sees
    ? await markSeen(session, uids)
    : { view: session.mailbox.view, seen: new Set<number>() }
  const there = present(uids, view)
  if (plan.hasFlags || seen.size > 0) tellNewKeywords(session, session.mailbox, view)
  const run = new FetchRun(session, { plan, view, seen, total: there.length })
  session.beginWork()
  const answered = plan.needsEmailIds ? await run.byWindows(there) : await run.answer(there)
  return { lost: answered < uids.length, unknownEncoding: run.unknownEncoding }
}

/** RFC 9051 6.4.5: implicitly, where the mailbox may be written and its owner allows marking as read. */
async function markSeen(session: Session, uids: Uint32Array): Promise<{ view: FolderView; seen: ReadonlySet<number> }> {
  const { mailbox } = session
  const { view } = mailbox
  const nothing = { view, seen: new Set<number>() }
  if (mailbox.readOnly || !mailbox.may('s')) return nothing
  const fresh = unseen(uids, new Places(view, mailbox.uids, uids[0] ?? 0))
  if (fresh.length === 0) return nothing
  try {
    const stored = await mailbox.store.changeFlags(mailbox.folderId, fresh, { action: 'add', flags: ['\\Seen'] })
    mailbox.ownChanges(stored.changed, stored.modseq)
    return { view: stored.view, seen: new Set(stored.changed) }
  } catch (error) {
    // A mailbox that takes no changes at the moment can still be read.
    if (error instanceof Fault && error.code === 'FORBIDDEN') return nothing
    throw error
  }
}

/** One FETCH under way: a class, since it keeps its place and its clock over many batches. */
class FetchRun {
  readonly #session: Session
  readonly #plan: Plan
  readonly #view: FolderView
  readonly #seen: ReadonlySet<number>
  readonly #total: number
  readonly #writer: Writer
  unknownEncoding = false
  #answered = 0
  #turnAt = performance.now() + TURN_MS

  constructor(session: Session, at: { plan: Plan; view: FolderView; seen: ReadonlySet<number>; total: number }) {
    this.#session = session
    this.#plan = at.plan
    this.#view = at.view
    this.#seen = at.seen
    this.#total = at.total
    this.#writer = new Writer(session.out)
  }

  /** Lets others have a turn and a slow client take what there is; true once the client has gone. */
  async #pause(): Promise<boolean> {
    const { out } = this.#session
    if (out.full) {
      this.#writer.end()
      await out.flush()
    }
    if (performance.now() > this.#turnAt) {
      this.#writer.end()
      this.#session.progress(this.#answered, this.#total)
      await turn()
      this.#turnAt = performance.now() + TURN_MS
    }
    return this.#session.over || !out.open
  }

  /** As `#pause`, but within a message's answer, where nothing else may be said; undefined when there is no need. */
  #rest(): Promise<void> | undefined {
    if (!this.#session.out.full && performance.now() <= this.#turnAt) return undefined
    return (async () => {
      this.#writer.end()
      await this.#session.out.flush()
      if (performance.now() <= this.#turnAt) return
      await turn()
      this.#turnAt = performance.now() + TURN_MS
    })()
  }

  #context(uids: Uint32Array, emailIds: ReadonlyMap<number, EmailId>): Context {
    const places = new Places(this.#view, this.#session.mailbox.uids, uids[0] ?? 0)
    return { session: this.#session, plan: this.#plan, places, writer: this.#writer, seen: this.#seen, emailIds }
  }

  /** Answers in windows, each with its stable ids read first. */
  async byWindows(uids: Uint32Array): Promise<number> {
    const { mailbox } = this.#session
    let answered = 0
    for (let at = 0; at < uids.length; at += EMAIL_IDS) {
      const window = uids.subarray(at, at + EMAIL_IDS)
      const emailIds = await mailbox.store.emailIds(mailbox.folderId, window)
      answered += await this.answer(
        window.filter((uid) => emailIds.has(uid)),
        emailIds,
      )
      if (await this.#pause()) break
    }
    return answered
  }

  /** Answers for messages of the view, ascending; returns for how many. */
  async answer(uids: Uint32Array, emailIds: ReadonlyMap<number, EmailId> = new Map()): Promise<number> {
    if (uids.length === 0) return 0
    const before = this.#answered
    const context = this.#context(uids, emailIds)
    if (this.#plan.needsBody) await this.#fromBodies(context, uids)
    else if (this.#plan.columns.length > 0) {
      const incomplete = await this.#fromMeta(context, uids)
      // Each way walks its uids from the start.
      if (incomplete.length > 0) await this.#fromBodies(this.#context(incomplete, emailIds), incomplete)
    } else await this.#fromView(context, uids)
    this.#writer.end()
    return this.#answered - before
  }

  async #fromView(context: Context, uids: Uint32Array): Promise<void> {
    for (let i = 0; i < uids.length; i++) {
      const uid = uids[i] ?? 0
      if (!context.places.find(uid)) continue
      answerFromView(context, uid)
      this.#answered++
      if (i % STRIDE === STRIDE - 1 && (await this.#pause())) return
    }
  }

  /** Returns the uids of those whose kept header does not hold all that is asked. */
  async #fromMeta(context: Context, uids: Uint32Array): Promise<Uint32Array> {
    const { mailbox } = this.#session
    const { plan } = context
    const reads = plan.columns.includes('header')
    const incomplete: number[] = []
    // Who asks for hundreds of items of each message is looked after more often.
    const stride = Math.ceil(STRIDE / plan.items.length)
    let count = 0
    for await (const batch of mailbox.store.metadata(mailbox.folderId, uids, plan.columns)) {
      for (const meta of batch) {
        if (!context.places.find(meta.uid)) continue
        if (reads && !headerSuffices(plan, meta.header ?? Buffer.alloc(0))) incomplete.push(meta.uid)
        else {
          answerFromMeta(context, meta)
          this.#answered++
        }
        if ((++count % stride === 0 || this.#session.out.full) && (await this.#pause())) return new Uint32Array(0)
      }
    }
    return Uint32Array.from(incomplete)
  }

  async #fromBodies(context: Context, uids: Uint32Array): Promise<void> {
    const { mailbox } = this.#session
    const columns = context.plan.columns.filter((column) => column !== 'header')
    const metas = columns.length > 0 ? new MetaReader(this.#session, uids, columns) : undefined
    for await (const { uid, raw } of mailbox.store.bodies(mailbox.folderId, uids)) {
      if (!context.places.find(uid)) continue
      const meta = await metas?.at(uid)
      if (metas && !meta) continue
      if (!(await answerFromBody(context, uid, { raw, meta }, () => this.#rest()))) this.unknownEncoding = true
      this.#answered++
      if (await this.#pause()) return
    }
  }
}

/** Reads metadata along with bodies: the batch it stands in is all it holds. */
class MetaReader {
  readonly #batches: AsyncIterator<MetaItem[]>
  #batch: MetaItem[] = []
  #at = 0

  constructor({ mailbox }: Session, uids: Uint32Array, columns: readonly MetaColumn[]) {
    this.#batches = mailbox.store.metadata(mailbox.folderId, uids, columns)[Symbol.asyncIterator]()
  }

  /** The metadata of `uid`, greater than the one before; undefined when it is gone. */
  async at(uid: number): Promise<MetaItem | undefined> {
    for (;;) {
      for (; this.#at < this.#batch.length; this.#at++) {
        const item = this.#batch[this.#at]
        if (item && item.uid >= uid) return item.uid === uid ? item : undefined
      }
      const next = await this.#batches.next()
      if (next.done) return undefined
      this.#batch = next.value
      this.#at = 0
    }
  }
}
