import { DELIMITER, type MailboxRef, ownMailbox, sharedMailboxes } from '../mailboxes'
import type { Session } from '../session'
import { attributeOf } from './special-use'

/** A name that LIST may tell. */
export interface Entry {
  name: string
  /** Undefined for a level that is only there because something below it is. */
  ref: MailboxRef | undefined
  hasChildren: boolean
}

/** All names this account can see, INBOX first: its own mailboxes, those shared with it that it may look up, and the levels above them. */
export async function allEntries(session: Session): Promise<Map<string, Entry>> {
  const [own, shared] = await Promise.all([session.store.folders(), sharedMailboxes(session)])
  const entries = new Map<string, Entry>()
  const add = (ref: MailboxRef) => {
    for (const level of levelsAbove(ref.name)) {
      const above = entries.get(level)
      if (above) above.hasChildren = true
      else entries.set(level, { name: level, ref: undefined, hasChildren: true })
    }
    const there = entries.get(ref.name)
    entries.set(ref.name, { name: ref.name, ref, hasChildren: there?.hasChildren ?? false })
  }
  for (const folder of own) add(ownMailbox(session, folder))
  for (const ref of shared) if (ref.rights.includes('l')) add(ref)
  return entries
}

/** The names above a name, outermost first. */
export function levelsAbove(name: string): string[] {
  const levels: string[] = []
  for (let at = name.indexOf(DELIMITER); at >= 0; at = name.indexOf(DELIMITER, at + 1)) levels.push(name.slice(0, at))
  return levels
}

/** Attributes every LIST response has; a client of RFC 3501 knows \NonExistent by \Noselect only. */
export function attributesOf(entry: Entry, extended: boolean): string[] {
  const words = entry.ref ? [] : [extended ? '\\NonExistent' : '\\Noselect']
  words.push(entry.hasChildren ? '\\HasChildren' : '\\HasNoChildren')
  return words
}

export const specialUseOf = (entry: Entry): string | undefined => attributeOf(entry.ref?.folder.specialUse ?? null)
