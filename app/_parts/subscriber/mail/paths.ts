import type { IconName } from '../../../_ui'

/** What is being written: a new message, or one that answers or passes on the open one. */
export const COMPOSE_KINDS = ['new', 'reply', 'all', 'forward'] as const
export type ComposeKind = (typeof COMPOSE_KINDS)[number]

export const composeKind = (text: string | null): ComposeKind | null =>
  COMPOSE_KINDS.find((kind) => kind === text) ?? null

/** The address of a folder, a message in it, and the compose window over either. */
export function mailHref(folder: string, uid?: number | null, compose?: ComposeKind): string {
  const path = `/dashboard/mail/${encodeURIComponent(folder)}${uid ? `/${uid}` : ''}`
  return compose ? `${path}?compose=${compose}` : path
}

/** A part of the path as it was before it was encoded; what cannot be decoded stands as it is, and names no folder. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Folder and message of an address of the webmail, as `usePathname` gives it; the inbox when it names no folder. */
export function placeOf(pathname: string): { path: string; uid: number | null } {
  const [folder, uid] = pathname.replace(/^\/dashboard\/mail\/?/, '').split('/')
  return { path: folder ? decodePart(folder) : 'INBOX', uid: uidOf(uid) }
}

/** A uid of the path: a positive whole number, or null. */
export const uidOf = (text: string | undefined): number | null =>
  text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null

type Use = 'inbox' | 'drafts' | 'sent' | 'junk' | 'trash' | 'archive' | null

const USES: Readonly<Record<NonNullable<Use>, { label: string; icon: IconName }>> = {
  inbox: { label: 'Inbox', icon: 'inbox' },
  drafts: { label: 'Drafts', icon: 'draft' },
  sent: { label: 'Sent', icon: 'send' },
  junk: { label: 'Junk', icon: 'ban' },
  trash: { label: 'Trash', icon: 'trash' },
  archive: { label: 'Archive', icon: 'archive' },
}

/** What a folder is called and how deep it stands. */
export function folderWords(folder: { path: string; specialUse: Use }): {
  label: string
  icon: IconName
  depth: 0 | 1 | 2 | 3
} {
  if (folder.specialUse) return { ...USES[folder.specialUse], depth: 0 }
  const parts = folder.path.split('/')
  const depth = Math.min(parts.length - 1, 3) as 0 | 1 | 2 | 3
  return { label: parts.at(-1) ?? folder.path, icon: 'folder', depth }
}
