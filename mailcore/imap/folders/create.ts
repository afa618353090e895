import { Fault } from '#lib/errors'
import type { Folder, SpecialUse } from '#mailcore/ports'
import { type Answer, type Command, ok, Refused } from '../command'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { type Place, placeFor, tellNormalised, withoutSlash } from './name'
import { USE_OF } from './special-use'

/** RFC 9051 6.3.4, with RFC 6154 section 3 (USE) and RFC 8474 section 4.2 (MAILBOXID). */
export const create: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const typed = withoutSlash(cursor.mailbox())
    const uses = cursor.more() ? readUses(cursor) : []
    return (session) => createMailbox(session, typed, uses)
  },
}

function readUses(cursor: Cursor): string[] {
  const lists = cursor.list(() => {
    if (!cursor.maybeWord('USE')) cursor.fail('Unknown parameter')
    cursor.space()
    return cursor.list(() => cursor.attribute().toLowerCase())
  })
  return lists.flat()
}

async function createMailbox(session: Session, typed: string, uses: readonly string[]): Promise<Answer> {
  const name = typed.normalize('NFC')
  const place = await placeFor(session, name)
  const specialUse = specialUseFor(place, uses)
  const before = new Set((await place.store.folders()).map(({ id }) => id))
  const folder = await makeFolder(place, specialUse)
  if (place.parent) await shareLike(place.parent, before, place.path)
  else await leaveUnsubscribed(place, before)
  tellNormalised(session, typed, name)
  return ok('Created', `MAILBOXID (${folder.id})`)
}

/** The one special use asked for. A mailbox of ours has one at most; one of others has none for us. */
function specialUseFor(place: Place, uses: readonly string[]): SpecialUse | undefined {
  const [first] = uses
  if (first === undefined) return undefined
  const use = USE_OF.get(first)
  if (!use || uses.some((other) => other !== first) || place.parent)
    throw new Refused('No mailbox can have this special use.', 'USEATTR')
  return use
}

async function makeFolder(place: Place, specialUse: SpecialUse | undefined): Promise<Folder> {
  try {
    return await place.store.createFolder(place.path, specialUse ? { specialUse } : {})
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'CONFLICT')) throw error
    if (specialUse && !(await exists(place))) throw new Refused(error.message, 'USEATTR')
    throw new Refused(error.message, 'ALREADYEXISTS')
  }
}

const exists = (place: Place): Promise<boolean> =>
  place.store.folder(place.path).then(
    () => true,
    () => false,
  )

/** CREATE makes no subscriptions: that is for SUBSCRIBE, and clients that want one ask (RFC 9051 6.3.4, 6.3.7). */
async function leaveUnsubscribed({ store, path }: Place, before: ReadonlySet<string>): Promise<void> {
  const made = (await store.folders()).filter(
    (folder) => !before.has(folder.id) && folder.subscribed && `${path}/`.startsWith(`${folder.path}/`),
  )
  for (const folder of made) await store.subscribe(folder.path, false)
}

/**
 * Gives each folder made below another's mailbox the grants of that mailbox: whoever made it could not even see it otherwise. What owners make
 * themselves is shared with nobody until they say so.
 */
async function shareLike(
  parent: NonNullable<Place['parent']>,
  before: ReadonlySet<string>,
  path: string,
): Promise<void> {
  const grants = await parent.store.grants(parent.folder.id)
  for (const folder of await parent.store.folders()) {
    const isMade = folder.path.startsWith(`${parent.folder.path}/`) && `${path}/`.startsWith(`${folder.path}/`)
    // The owner may have made another folder at the same moment: that one stays private.
    if (before.has(folder.id) || !isMade) continue
    for (const grant of grants) await parent.store.setGrant(folder.id, grant, parent.owner)
  }
}
