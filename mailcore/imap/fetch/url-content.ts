import { Fault } from '#lib/errors'
import type { FolderView, MailStore } from '#mailcore/ports'
import { openMailbox } from '../mailboxes'
import type { Session } from '../session'
import { sectionOf, windowOf } from './section'
import type { MessageUrl } from './url'

/** A mailbox a URL leads to. */
export interface UrlPlace {
  store: MailStore
  folder: FolderView['folder']
}

/** The signed-in account's own address, in lower case. */
export const ownAddress = (session: Session): string => session.entrance?.account.address.toLowerCase() ?? ''

/**
 * The mailbox of a URL as this account may read it: its own ones, and those shared with it, each by the name it has here. Undefined when there is
 * none, or it may not be read.
 */
export function readablePlace(session: Session, url: MessageUrl): Promise<UrlPlace | undefined> {
  return found(async () => {
    if (url.user !== undefined && url.user !== ownAddress(session)) return undefined
    if (url.mailbox !== undefined) return openMailbox(session, url.mailbox, 'r')
    const { selected } = session
    if (url.absolute || !selected?.may('r')) return undefined
    return { store: selected.store, folder: selected.view.folder }
  })
}

/**
 * Reads a mailbox of another account of the tenant, by its owner's own name for it. What lets one read there must be checked by `read`: anyone can ask
 * for any address, so the owner's keys are open only meanwhile, not as long as the session.
 */
export function atForeignPlace<R>(
  session: Session,
  at: { user: string; mailbox: string },
  read: (place: UrlPlace) => Promise<R>,
): Promise<R | undefined> {
  return found(async () => {
    const [resolution] = await session.imap.directory.resolve([at.user])
    const { tenantId, region } = session.store.account
    if (resolution?.kind !== 'mailbox') return undefined
    const { mailbox: owner } = resolution
    if (owner.tenantId !== tenantId || owner.region !== region) return undefined
    const store = await session.imap.stores.open({ tenantId, region, accountId: owner.accountId })
    try {
      return await read({ store, folder: await store.folder(at.mailbox) })
    } finally {
      store.close()
    }
  })
}

async function found<R>(look: () => Promise<R | undefined>): Promise<R | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Fault && !error.temporary && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN'))
      return undefined
    throw error
  }
}

/** The bytes a URL names in a mailbox; undefined where there are none. */
export async function contentOf({ store, folder }: UrlPlace, url: MessageUrl): Promise<Buffer | undefined> {
  if (url.uidValidity !== undefined && url.uidValidity !== folder.uidValidity) return undefined
  for await (const { raw } of store.bodies(folder.id, [url.uid])) {
    const bytes = sectionOf({ raw }, url.section)
    return bytes === null ? undefined : windowOf(bytes, { start: url.start, count: url.count })
  }
  return undefined
}
