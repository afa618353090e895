import { Fault } from '#lib/errors'
import type { Folder, MailStore, SharedFolder } from '#mailcore/ports'
import type { Session } from './session'

/** Where the folders of others stand, when they share them (RFC 2342 other users' namespace). */
export const OTHERS = 'Other Users/'
export const DELIMITER = '/'
/** All rights of RFC 4314 section 2.1: what an owner has. */
export const OWNER_RIGHTS = 'aeiklprstwx'

/** A mailbox as a client names it. */
export interface MailboxRef {
  store: MailStore
  folder: Folder
  name: string
  rights: string
  own: boolean
  /** Address of the account whose mailbox it is. */
  owner: string
}

const gone = () => new Fault('NOT_FOUND', 'There is no such mailbox.')

/** Name of another account's folder as this client sees it. */
export const sharedName = (ownerAddress: string, path: string): string => `${OTHERS}${ownerAddress}/${path}`

/** Is this a name in the namespace of others? */
export const isShared = (name: string): boolean => name.startsWith(OTHERS) || name === OTHERS.slice(0, -1)

/** A folder of the account itself as a mailbox. */
export const ownMailbox = (session: Session, folder: Folder): MailboxRef => ({
  store: session.store,
  folder,
  name: folder.path,
  rights: OWNER_RIGHTS,
  own: true,
  owner: session.entrance?.account.address ?? '',
})

/**
 * The mailbox of a name, ours or one shared with us. Without the right `need` it is refused; without even `l` it is absent, as if it did not
 * exist (RFC 4314 section 6). Rights are read anew each time. Throws NOT_FOUND or FORBIDDEN.
 */
export async function openMailbox(session: Session, name: string, need = ''): Promise<MailboxRef> {
  if (!isShared(name)) return ownMailbox(session, await ownFolder(session, name))
  const shared = await session.store.sharedWithMe()
  const candidates = shared.filter(({ ownerAddress }) => name.startsWith(sharedName(ownerAddress, '')))
  const ref = (await toRefs(session, candidates)).find((one) => one.name === name)
  if (!ref || !/[lr]/.test(ref.rights)) throw gone()
  for (const right of need)
    if (!ref.rights.includes(right)) throw new Fault('FORBIDDEN', 'The owner of this mailbox does not allow that.')
  return ref
}

/** A name that no folder can have is the name of a folder that is not there. */
async function ownFolder(session: Session, name: string): Promise<Folder> {
  try {
    return await session.store.folder(name)
  } catch (error) {
    throw error instanceof Fault && error.code === 'BAD_REQUEST' ? gone() : error
  }
}

/** Every mailbox others share with this account, by name. */
export const sharedMailboxes = async (session: Session): Promise<MailboxRef[]> =>
  toRefs(session, await session.store.sharedWithMe())

async function toRefs(session: Session, shared: readonly SharedFolder[]): Promise<MailboxRef[]> {
  const refs: MailboxRef[] = []
  for (const owner of new Set(shared.map(({ ownerId }) => ownerId))) {
    const opened = await openOwner(session, owner)
    if (!opened) continue
    for (const { ownerId, ownerAddress, folderId, rights, subscribed } of shared) {
      if (ownerId !== owner) continue
      const folder = opened.folders.get(folderId)
      if (!folder) continue
      const name = sharedName(ownerAddress, folder.path)
      const seen = { ...folder, specialUse: null, subscribed }
      refs.push({ store: opened.store, folder: seen, name, rights, own: false, owner: ownerAddress })
    }
  }
  return refs.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Another account's mail; undefined when that account is no longer there to be read, which must not hide what others share. */
async function openOwner(session: Session, ownerId: SharedFolder['ownerId']) {
  try {
    const store = await session.sharedStore(ownerId)
    return { store, folders: new Map((await store.folders()).map((folder) => [folder.id, folder])) }
  } catch (error) {
    if (error instanceof Fault && !error.temporary && error.code !== 'INTERNAL') return undefined
    throw error
  }
}
