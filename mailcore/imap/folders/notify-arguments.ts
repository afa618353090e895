import { type Plan, planOf, readItems } from '../fetch/items'
import type { Cursor } from '../wire/cursor'
import { readMailbox } from './name'

/** The events we can tell of, as BADEVENT lists them (RFC 5465 section 3.1). */
export const EVENTS = ['MessageNew', 'MessageExpunge', 'FlagChange', 'MailboxName', 'SubscriptionChange'] as const
export type NotifyEvent = (typeof EVENTS)[number]

export type Filter = { kind: 'personal' | 'subscribed' } | { kind: 'subtree' | 'mailboxes'; names: ReadonlySet<string> }

/** What NOTIFY SET was asked. */
export interface NotifyArguments {
  status: boolean
  selected: { delayed: boolean; wants: boolean; plan: Plan | undefined } | undefined
  groups: { filter: Filter; events: ReadonlySet<NotifyEvent> }[]
  /** An event nobody here knows was among them */
  unknown: boolean
}

/** Reads what follows NOTIFY SET (RFC 5465 section 8). */
export function readNotify(cursor: Cursor): NotifyArguments {
  const found: NotifyArguments = { status: false, selected: undefined, groups: [], unknown: false }
  cursor.space()
  if (cursor.maybeWord('STATUS')) {
    found.status = true
    cursor.space()
  }
  do readGroup(cursor, found)
  while (cursor.maybe(' '))
  return found
}

function readGroup(cursor: Cursor, found: NotifyArguments): void {
  cursor.expect('(')
  const kind = cursor.word()
  cursor.space()
  if (kind === 'SELECTED' || kind === 'SELECTED-DELAYED') {
    if (found.selected) cursor.fail('The selected mailbox stands there twice')
    const { events, plan } = readEvents(cursor, found)
    if (events.has('MailboxName') || events.has('SubscriptionChange'))
      cursor.fail('The selected mailbox has events of messages only')
    found.selected = { delayed: kind === 'SELECTED-DELAYED', wants: events.size > 0, plan }
  } else {
    const filter = readFilter(cursor, kind)
    const { events, plan } = readEvents(cursor, found)
    if (plan) cursor.fail('Only of the selected mailbox more is told')
    found.groups.push({ filter, events })
  }
  cursor.expect(')')
}

function readFilter(cursor: Cursor, kind: string): Filter {
  switch (kind) {
    // A filter script may deliver anywhere: then inboxes are all personal mailboxes (section 6.3).
    case 'INBOXES':
    case 'PERSONAL':
      return { kind: 'personal' }
    case 'SUBSCRIBED':
      return { kind: 'subscribed' }
    case 'SUBTREE':
    case 'MAILBOXES': {
      const names = cursor.next === '(' ? cursor.list(() => readMailbox(cursor)) : [readMailbox(cursor)]
      if (names.length === 0) cursor.fail('A mailbox was expected')
      cursor.space()
      return { kind: kind === 'SUBTREE' ? 'subtree' : 'mailboxes', names: new Set(names) }
    }
    default:
      return cursor.fail('Unknown mailbox filter')
  }
}

function readEvents(cursor: Cursor, found: NotifyArguments): { events: Set<NotifyEvent>; plan: Plan | undefined } {
  const events = new Set<NotifyEvent>()
  let plan: Plan | undefined
  if (cursor.maybeWord('NONE')) return { events, plan }
  const read = cursor.list(() => {
    const word = cursor.word()
    const event = EVENTS.find((one) => one.toUpperCase() === word)
    if (event) events.add(event)
    else found.unknown = true
    if (event === 'MessageNew' && cursor.sees(' (')) {
      cursor.space()
      // What is told unasked is not thereby read.
      plan = planOf({ ...readItems(cursor), sees: false })
    }
  })
  if (read.length === 0) cursor.fail('An event was expected')
  // Section 5: new and gone go together, and flags only with both.
  const [come, go, flags] = [events.has('MessageNew'), events.has('MessageExpunge'), events.has('FlagChange')]
  if (come !== go || (flags && !come)) cursor.fail('MessageNew and MessageExpunge go together, FlagChange with both')
  return { events, plan }
}
