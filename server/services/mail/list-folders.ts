import type { Folder, FolderId } from '#mailcore/api'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

export interface FolderView {
  id: FolderId
  path: string
  specialUse: Folder['specialUse']
  messages: number
  unseen: number
}

const ORDER: readonly Folder['specialUse'][] = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash']
const rank = (folder: FolderView): number => {
  const place = ORDER.indexOf(folder.specialUse)
  return folder.specialUse === null || place < 0 ? ORDER.length : place
}

export const folderView = ({ id, path, specialUse, messages, unseen }: Folder): FolderView => ({
  id,
  path,
  specialUse,
  messages,
  unseen,
})

/** The folders, those with a use of their own first, then by path. */
export async function listFolders(ctx: ServiceContext, actor: Actor, input: AccountTarget): Promise<FolderView[]> {
  return withMailbox(ctx, actor, 'mail.read', input, async (store) =>
    (await store.folders()).map(folderView).sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path)),
  )
}
