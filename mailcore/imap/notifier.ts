import { codeOf, Fault } from '#lib/errors'
import type { Log } from '#lib/log'
import type { ChangeEntry, MessageState } from '#mailcore/ports'
import { sequenceOf } from './sets'
import type { Listener, Notifier, OpenFolder, Session, Update } from './types'

/** One signed-in session's ear. */
interface Ear {
  listener: Listener
  /** A read of the change table is under way. */
  busy: boolean
  /** Something changed meanwhile: read again, or the last change before a silence would go untold. */
  again: boolean
  waiting: (() => void)[]
}

export interface SessionNotifier extends Notifier {
  /** A folder of the session's account changed. */
  changed(session: Session): void
  /** Resolves when the session knows all that was committed before the call. */
  pull(session: Session): Promise<void>
  /** Ends a session with BYE. */
  end(session: Session, reason: string): void
}

/** Carries MailStore.changes to imap-core's sessions (I-N1: told within 2 s, NOOP always current). */
export function createNotifier(log: Log): SessionNotifier {
  const ears = new Map<Session, Ear>()

  const release = (ear: Ear) => {
    const { waiting } = ear
    ear.waiting = []
    for (const resolve of waiting) resolve()
  }
  const listen = (ear: Ear) => {
    if (ear.busy) {
      ear.again = true
      return
    }
    // Calls getUpdates at once when a folder is selected; `this` must be an object, imap-core reads from it.
    ear.listener.call({})
    if (!ear.busy) release(ear)
  }
  const finish = (ear: Ear) => {
    ear.busy = false
    if (!ear.again) return release(ear)
    ear.again = false
    listen(ear)
  }
  const pull = (session: Session) =>
    new Promise<void>((resolve) => {
      const ear = ears.get(session)
      if (!ear) return resolve()
      ear.waiting.push(resolve)
      listen(ear)
    })

  return {
    addListener: (session, listener) => void ears.set(session, { listener, busy: false, again: false, waiting: [] }),
    removeListener: (session) => {
      const ear = ears.get(session)
      ears.delete(session)
      if (ear) release(ear)
    },
    getUpdates(folder, since, done) {
      const ear = ears.get(folder.session)
      if (ear) ear.busy = true
      const read = async () => {
        try {
          done(null, await readUpdates(folder, since))
        } catch (error) {
          done(new Error('updates failed'))
          if (error instanceof Fault && error.code === 'NOT_FOUND')
            ear?.listener.call({}, { command: 'DROP', mailbox: folder })
          else log.warn('imap.updates-failed', { session: folder.session.id, cause: codeOf(error) })
        }
        if (ear) finish(ear)
      }
      void read()
    },
    changed: (session) => {
      const ear = ears.get(session)
      if (ear) listen(ear)
    },
    pull,
    end: (session, reason) => ears.get(session)?.listener.call({}, { command: 'LOGOUT', reason }),
  }
}

const later = (a: bigint, b: bigint): bigint => {
  if (a > b) return a
  return b
}

/** What happened in a folder after `since`, as imap-core's journal entries; moves the session's index along. */
async function readUpdates(folder: OpenFolder, since: number): Promise<Update[]> {
  const { session } = folder
  const store = session.user?.store
  if (!store) return []
  const changes = await store.changes(folder.folderId, BigInt(since))
  const reached = changes.reduce((most, change) => later(most, change.modseq), BigInt(since))
  const states = new Map<number, MessageState>()
  if (changes.some((change) => change.kind === 'flags')) {
    const { messages } = await store.list(folder.folderId, { sinceModseq: BigInt(since) })
    for (const message of messages) states.set(message.uid, message)
  }
  const { selected } = session
  if (!selected || selected.mailbox !== folder) return []
  if (Number(reached) > selected.modifyIndex) selected.modifyIndex = Number(reached)
  const known = new Set(
    selected.notifications.filter((update) => update.command === 'EXISTS').map((update) => update.uid),
  )
  const updates = changes.flatMap((change) => updatesOf(change, { states, reached, told: session.user?.told }))
  return updates.filter(
    (update) => update.command !== 'EXISTS' || !(known.has(update.uid) || sequenceOf(selected.uidList, update.uid)),
  )
}

function updatesOf(
  change: ChangeEntry,
  view: { states: Map<number, MessageState>; reached: bigint; told: Map<number, bigint> | undefined },
): Update[] {
  const uids = [...change.uids].sort((a, b) => a - b)
  const modseq = Number(change.modseq)
  switch (change.kind) {
    case 'added':
      return uids.map((uid) => ({ command: 'EXISTS', uid, modseq }))
    case 'expunged':
      return uids.map((uid) => ({ command: 'EXPUNGE', uid, modseq }))
    case 'flags':
      return uids.flatMap((uid): Update[] => {
        const state = view.states.get(uid)
        // A state newer than this view comes with its own entry next time: told early, its MODSEQ would let a client
        // believe it had all before it (RFC 7162 3.1.3).
        if (!state || state.modseq > view.reached) return []
        const told = view.told?.get(uid)
        if (told !== undefined && told >= state.modseq) return []
        return [{ command: 'FETCH', uid, modseq: Number(state.modseq), flags: state.flags }]
      })
  }
}
