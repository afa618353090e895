import type { MessageView } from '#server/services/mail/read-message'
import { formatTime } from '../../../_ui'
import type { ComposeKind } from './paths'

/** What stands in the compose window. Addresses as they are typed, separated by commas. */
export interface DraftText {
  to: string
  cc: string
  subject: string
  text: string
  /** The address it is sent from, where it is not the first */
  from?: string
  /** Whom the message that is answered was sent to: one of them may be an address of one's own to answer from. */
  answered?: string[]
  inReplyTo?: string
  references?: string
}

type Person = { name: string; address: string }
/** The parts of a message that an answer is made of. `plain` is its text, of whichever part. */
export type Original = Pick<
  MessageView,
  'from' | 'to' | 'cc' | 'replyTo' | 'subject' | 'receivedAt' | 'messageId' | 'references'
> & {
  plain: string
}

export const EMPTY_DRAFT: DraftText = { to: '', cc: '', subject: '', text: '' }

/** `Ada Lovelace <ada@example.org>`, the name quoted where it holds what an address list reads as its own (RFC 5322 3.2.4). */
export function personText({ name, address }: Person): string {
  if (!name || name === address) return address
  const safe = /^[\p{L}\p{N} ._'-]+$/u.test(name) ? name : `"${name.replaceAll(/(["\\])/g, '\\$1')}"`
  return `${safe} <${address}>`
}

/** The addresses of a field as they are sent: one entry for each comma outside of quotes. */
export function splitAddresses(text: string): string[] {
  return (text.match(/(?:"(?:\\.|[^"\\])*"|[^",;\n])+/g) ?? []).map((one) => one.trim()).filter((one) => one !== '')
}

const prefixed = (prefix: 'Re' | 'Fwd', subject: string): string =>
  new RegExp(`^${prefix}:`, 'i').test(subject) ? subject : `${prefix}: ${subject}`

const quote = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd()))
    .join('\n')

const joined = (people: readonly Person[]): string => people.map(personText).join(', ')

/** The window as it opens. `own` is the reader's own address, which an answer to all leaves out. */
export function draftFor(kind: ComposeKind, original: Original | null, own: string, zone = 'UTC'): DraftText {
  if (kind === 'new' || !original) return EMPTY_DRAFT
  const when = formatTime(original.receivedAt, 'full', zone)
  if (kind === 'forward') {
    const head = [
      '---------- Forwarded message ----------',
      `From: ${original.from ? personText(original.from) : 'unknown'}`,
      `Date: ${when}`,
      `Subject: ${original.subject}`,
      `To: ${joined(original.to)}`,
    ]
    return {
      ...EMPTY_DRAFT,
      subject: prefixed('Fwd', original.subject),
      text: `\n\n${head.join('\n')}\n\n${original.plain}`,
    }
  }
  const mine = (person: Person) => person.address.toLowerCase() === own.toLowerCase()
  const authors = original.replyTo.length > 0 ? original.replyTo : original.from ? [original.from] : []
  // Answering one's own message goes on with those it was sent to.
  const to = authors.every(mine) && original.to.length > 0 ? original.to : authors
  const named = new Set(to.map((person) => person.address.toLowerCase()))
  const others = [...original.to, ...original.cc].filter((one) => !mine(one) && !named.has(one.address.toLowerCase()))
  return {
    to: joined(to),
    cc: kind === 'all' ? joined(others) : '',
    subject: prefixed('Re', original.subject),
    text: `\n\nOn ${when}, ${original.from ? personText(original.from) : 'somebody'} wrote:\n${quote(original.plain)}\n`,
    answered: [...original.to, ...original.cc].map((one) => one.address.toLowerCase()),
    inReplyTo: original.messageId ?? undefined,
    references:
      [original.references, original.messageId].filter(Boolean).join(' ').replaceAll(/\s+/g, ' ') || undefined,
  }
}
