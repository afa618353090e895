import type { FlagChange, MessageState } from '#mailcore/ports'
import type { Door } from '../door'
import { serve } from '../refusal'
import { isReadOnly, storeOf } from '../sessions'
import { sequenceOf } from '../sets'
import type { Handlers, OpenFolder, Session, StoreOptions } from '../types'

/** STORE and UID STORE (RFC 3501 6.4.6), with UNCHANGEDSINCE and MODIFIED (RFC 7162 3.1.3). */
export function createStore(door: Door): Pick<Handlers, 'onStore'> {
  return {
    onStore(folder, options, session, done) {
      // imap-core lets UID STORE through in a folder opened with EXAMINE.
      if (isReadOnly(session)) return done(null, 'READ-ONLY')
      serve({ log: door.log, session, command: 'STORE' }, () => store(folder, options, session), {
        reply: (modified) => done(null, true, modified),
        refuse: (code) => done(null, code),
      })
    },
  }
}

/** Changes the flags and tells the session; returns the uids that UNCHANGEDSINCE refused. */
async function store(folder: OpenFolder, options: StoreOptions, session: Session): Promise<number[]> {
  const uids = options.messages
  if (uids.length === 0) return []
  const mail = storeOf(session)
  const change: FlagChange = { action: options.action, flags: options.value }
  if (options.unchangedSince) change.unchangedSince = BigInt(options.unchangedSince)
  const { changed, modified } = await mail.setFlags(folder.folderId, uids, change)
  noteTold(session, changed)
  const states = new Map(changed.map((message) => [message.uid, message]))
  if (!options.silent) {
    // Untouched because the flags stood so already: the client still asked how they stand.
    const refused = new Set(modified)
    const rest = uids.filter((uid) => !states.has(uid) && !refused.has(uid))
    if (rest.length > 0)
      for await (const message of mail.fetch(folder.folderId, rest, {})) states.set(message.uid, message)
  }
  tellFlags(session, uids, states, options)
  return modified
}

/** Remembers what this session knows from its own doing, so that the notifier does not tell it again. */
export function noteTold(session: Session, changed: readonly MessageState[]): void {
  for (const message of changed) session.user?.told.set(message.uid, message.modseq)
}

function tellFlags(
  session: Session,
  uids: readonly number[],
  states: Map<number, MessageState>,
  options: StoreOptions,
): void {
  const { selected } = session
  if (!selected || (options.silent && !selected.condstoreEnabled)) return
  const lines: string[] = []
  for (const uid of uids) {
    const message = states.get(uid)
    const sequence = sequenceOf(selected.uidList, uid)
    if (!message || sequence === 0) continue
    const items: string[] = []
    if (options.isUid) items.push(`UID ${uid}`)
    if (!options.silent) items.push(`FLAGS (${message.flags.join(' ')})`)
    if (selected.condstoreEnabled) items.push(`MODSEQ (${message.modseq})`)
    lines.push(`* ${sequence} FETCH (${items.join(' ')})`)
  }
  if (lines.length > 0) session.writeStream.write({ compiled: lines.join('\r\n') })
}
