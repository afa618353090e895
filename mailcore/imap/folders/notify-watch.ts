import type { FolderId } from '#lib/ids'
import { IMAP_LIMITS } from '../limits'
import type { MailboxRef } from '../mailboxes'
import type { Session } from '../session'
import { formatMailbox } from '../wire/format'
import { allEntries, attributesOf, type Entry, levelsAbove } from './entries'
import type { Filter, NotifyArguments, NotifyEvent } from './notify-arguments'
import { type StatusItem, statusLine } from './status'

/** What a client was told of one mailbox. */
interface Known {
  name: string
  subscribed: boolean
  readable: boolean
  modseq: bigint
  uidNext: number
  messages: number
  events: ReadonlySet<NotifyEvent>
}

/** More mailboxes are asked for than one session may watch. */
export class Overflow extends Error {}

/** What is told when messages came or went: more than RFC 5465 5.1 asks, since a client shows how many are unseen and would ask for it. */
const OF_MESSAGES: readonly StatusItem[] = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN']

/**
 * What NOTIFY watches beside the selected mailbox: a class, since it lives until the next NOTIFY. After a change anywhere in the account, or in one
 * that shares with it, what is there now is compared with what the client knows; changes that come together are told together.
 */
export class Watch {
  readonly #session: Session
  readonly #groups: NotifyArguments['groups']
  readonly #forgetListener: () => void
  /** Does any group ask for names or subscriptions? */
  readonly #names: boolean
  #known = new Map<FolderId, Known>()
  #asked = false
  #over = false

  constructor(session: Session, groups: NotifyArguments['groups']) {
    this.#session = session
    this.#groups = groups
    this.#names = groups.some(({ events }) => events.has('MailboxName') || events.has('SubscriptionChange'))
    this.#forgetListener = session.onFolderChange((folder) => this.#ask(folder))
  }

  end(): void {
    this.#over = true
    this.#forgetListener()
  }

  /** Learns what is there, and tells the state of every mailbox whose messages are watched if `status`. Throws Overflow. */
  async begin(status: boolean): Promise<void> {
    const entries = await allEntries(this.#session)
    this.#known = this.#select(entries)
    for (const { ref } of entries.values()) {
      const known = ref && this.#known.get(ref.folder.id)
      if (!ref || !known?.events.has('MessageNew') || this.#isSelected(ref)) continue
      if (!known.readable) {
        this.#session.untagged(`LIST (\\NoAccess) "/" ${formatMailbox(ref.name, this.#session.wide)}`)
        continue
      }
      if (!status) continue
      await this.#tellStatus(ref, OF_MESSAGES, { flags: known.events.has('FlagChange'), first: true })
    }
  }

  #ask(folder: FolderId): void {
    if (this.#asked || this.#over) return
    // The busiest mailbox is mostly the selected one, and its messages are told of by the session itself.
    if (!this.#names && this.#session.selected?.folderId === folder) return
    this.#asked = true
    this.#session.between(async () => {
      this.#asked = false
      if (!this.#over) await this.#compare()
    })
  }

  #isSelected(ref: MailboxRef): boolean {
    return this.#session.selected?.folderId === ref.folder.id
  }

  /** The mailboxes that some group is about. */
  #select(entries: ReadonlyMap<string, Entry>): Map<FolderId, Known> {
    const watched = new Map<FolderId, Known>()
    for (const { ref } of entries.values()) {
      if (!ref) continue
      const groups = this.#groups.filter(({ filter }) => isAbout(filter, ref))
      const events = new Set(groups.flatMap((group) => [...group.events]))
      if (events.size === 0) continue
      const { subscribed, highestModseq: modseq, uidNext, messages } = ref.folder
      const readable = ref.rights.includes('r')
      watched.set(ref.folder.id, { name: ref.name, subscribed, readable, modseq, uidNext, messages, events })
      if (watched.size > IMAP_LIMITS.notifyMailboxes) throw new Overflow()
    }
    return watched
  }

  async #compare(): Promise<void> {
    const entries = await allEntries(this.#session)
    if (this.#over) return
    const before = this.#known
    try {
      this.#known = this.#select(entries)
    } catch (error) {
      if (!(error instanceof Overflow)) throw error
      this.end()
      this.#session.watch = undefined
      this.#session.untagged('OK [NOTIFICATIONOVERFLOW] There are too many mailboxes to watch')
      return
    }
    this.#tellNames(before, entries)
    for (const { ref } of entries.values()) if (ref) await this.#tellMessages(before.get(ref.folder.id), ref)
  }

  /** RFC 5465 5.1 to 5.3, in mailboxes that are not selected. */
  async #tellMessages(before: Known | undefined, ref: MailboxRef): Promise<void> {
    const now = this.#known.get(ref.folder.id)
    if (!now?.readable || this.#isSelected(ref) || before?.modseq === now.modseq) return
    const news = before === undefined || before.uidNext !== now.uidNext || before.messages !== now.messages
    const flags = now.events.has('FlagChange')
    // A mailbox just made is told of by its name; when it has no message yet there is no more to say.
    if (before === undefined && now.messages === 0) return
    if (news && now.events.has('MessageNew')) await this.#tellStatus(ref, OF_MESSAGES, { flags })
    else if (flags) await this.#tellStatus(ref, ['UIDVALIDITY', 'UNSEEN'], { flags })
  }

  async #tellStatus(
    ref: MailboxRef,
    items: readonly StatusItem[],
    at: { flags: boolean; first?: true },
  ): Promise<void> {
    const asked = new Set<StatusItem>(items)
    // HIGHESTMODSEQ goes with the first STATUS wherever flags are watched (section 3.1), later for those who keep mod-sequences.
    if (this.#session.keepsModseq || (at.flags && at.first)) asked.add('HIGHESTMODSEQ')
    this.#session.untagged(await statusLine(this.#session, ref, [...asked]))
    if (this.#session.out.full) await this.#session.out.flush()
  }

  /** RFC 5465 5.4 and 5.5 */
  #tellNames(before: ReadonlyMap<FolderId, Known>, entries: ReadonlyMap<string, Entry>): void {
    const byId = new Map([...entries.values()].flatMap((entry) => (entry.ref ? [[entry.ref.folder.id, entry]] : [])))
    const newName = new Map([...before].map(([id, { name }]) => [name, byId.get(id)?.name]))
    const told = new Set<string>()
    const tell = (name: string, oldName?: string) => {
      if (told.has(name)) return
      told.add(name)
      this.#tellName(name, entries.get(name), oldName)
    }
    for (const [id, { name, subscribed, events }] of before) {
      const entry = byId.get(id)
      if (!entry) {
        if (!events.has('MailboxName')) continue
        tell(name)
        tellParent(name, tell)
      } else if (entry.name !== name) {
        // What is below a renamed mailbox went with it, unsaid.
        const [old, now] = [splitName(name), splitName(entry.name)]
        const went = old.last === now.last && newName.get(old.parent) === now.parent && old.parent !== now.parent
        if (events.has('MailboxName') && !went) tell(entry.name, name)
      } else if (entry.ref?.folder.subscribed !== subscribed && events.has('SubscriptionChange')) tell(name)
    }
    for (const [id, { name, subscribed, events }] of this.#known) {
      if (before.has(id)) continue
      if (events.has('MailboxName')) {
        tell(name)
        tellParent(name, tell)
      } else if (events.has('SubscriptionChange') && subscribed) tell(name)
    }
  }

  #tellName(name: string, entry: Entry | undefined, oldName: string | undefined): void {
    const attributes = entry ? attributesOf(entry, true) : ['\\NonExistent']
    if (entry?.ref?.folder.subscribed) attributes.push('\\Subscribed')
    const { wide } = this.#session
    const old = oldName === undefined ? '' : ` ("OLDNAME" (${formatMailbox(oldName, wide)}))`
    this.#session.untagged(`LIST (${attributes.join(' ')}) "/" ${formatMailbox(name, wide)}${old}`)
  }
}

const splitName = (name: string): { parent: string; last: string } => {
  const at = name.lastIndexOf('/')
  return { parent: name.slice(0, Math.max(at, 0)), last: name.slice(at + 1) }
}

/** The direct parent of what came or went is affected too: it may have its first child, or none any more. */
function tellParent(name: string, tell: (name: string) => void): void {
  const { parent } = splitName(name)
  if (parent !== '') tell(parent)
}

function isAbout(filter: Filter, { name, own, folder }: MailboxRef): boolean {
  switch (filter.kind) {
    case 'personal':
      return own
    case 'subscribed':
      return folder.subscribed
    case 'mailboxes':
      return filter.names.has(name)
    case 'subtree':
      return filter.names.has(name) || levelsAbove(name).some((level) => filter.names.has(level))
  }
}
