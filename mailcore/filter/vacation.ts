import { DAY_MS, SECOND_MS } from '#lib/clock'
import { type Branded, newId } from '#lib/ids'
import { sendAutomatic } from '#mailcore/pipeline/send-automatic'
import type { MailStore, Waiting } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { toCrlf } from '#mailcore/proto/crlf'
import { formatDate } from '#mailcore/proto/date'
import { allValues, fieldText, firstValue, type Header, readHeader } from '#mailcore/proto/header'
import { headerText, textPart } from '#mailcore/proto/header-text'
import type { Action } from '#mailcore/sieve/types'
import { domainOf, namedRecipients, type Owner } from './owner'
import type { FilterParts } from './parts'

type Vacation = Extract<Action, { kind: 'vacation' }>

/** Whoever sends under these names reads no answer, or answers it with a program (RFC 5230 4.6, RFC 3834 section 2). */
const PROGRAMS =
  /^(?:owner-.*|.*-(?:request|owner|bounces?)(?:\+.*)?|mailer-daemon|listserv|majordomo|no-?reply.*|do-?not-?reply.*|bounces?(?:[+-].*)?)$/

/** Is this a message that a program or a list has sent, or one to everybody? Such mail is never answered (RFC 3834 section 2, RFC 5230 4.6). */
export function isAutomatic(header: Header): boolean {
  for (const field of header.fields) if (field.name.startsWith('list-')) return true
  const auto = firstValue(header, 'auto-submitted')
  if (auto !== undefined && auto.split(/[;\s]/)[0]?.toLowerCase() !== 'no') return true
  if (/^(?:bulk|list|junk)\b/i.test(firstValue(header, 'precedence') ?? '')) return true
  if (/\b(?:all|oof|autoreply)\b/i.test(firstValue(header, 'x-auto-response-suppress') ?? '')) return true
  return /^multipart\/report\b/i.test(firstValue(header, 'content-type') ?? '')
}

/** May this message be answered at all, and was it written to the owner by name? */
export function isAnswerable(header: Header, sender: string, own: readonly string[]): boolean {
  const parsed = parseAddress(sender)
  if (!parsed || PROGRAMS.test(parsed.local) || own.includes(parsed.address) || isAutomatic(header)) return false
  return namedRecipients(header).some((address) => own.includes(address))
}

/** How long one sender gets no second answer; the language knows the least, and a month is enough for anyone. */
const LONGEST_MS = 30 * DAY_MS

/**
 * Answers in the owner's absence (RFC 5230). Remembered before it is sent: a crash between costs an answer, never sends two.
 */
export async function answer(
  parts: FilterParts,
  store: MailStore,
  action: Vacation,
  message: { waiting: Waiting; header: Header; owner: Owner },
): Promise<void> {
  const { waiting, header, owner } = message
  if (owner.address === null || !owner.maySend) return
  const listed = action.addresses.flatMap((text) => parseAddress(text)?.address ?? [])
  if (!isAnswerable(header, waiting.sender, [...owner.addresses, ...listed])) return
  const from = await ownFrom(parts, store, action, owner.address)
  const recipient = parseAddress(waiting.sender)?.address
  if (!recipient) return
  const expiresAt = new Date(parts.clock.now().getTime() + Math.min(action.seconds * SECOND_MS, LONGEST_MS))
  if (await store.remember('vacation', JSON.stringify([recipient, action.handle]), expiresAt)) return
  const raw = buildAnswer(action, { from, recipient, header, now: parts.clock.now() })
  await sendAutomatic(parts, store.account, { ownDomain: domainOf(from), recipient, raw })
}

/** The address the answer is from: the script's choice where it is the owner's, or one could speak as another. */
async function ownFrom(parts: FilterParts, store: MailStore, action: Vacation, address: string): Promise<string> {
  const wanted = action.from === null ? null : parseAddress(action.from)
  return wanted && (await parts.directory.mayUse(store.account, wanted.address)) ? wanted.address : address
}

const REFERENCES_MOST = 20

/** The answer as bytes with CRLF. */
export function buildAnswer(
  action: Pick<Vacation, 'subject' | 'reason' | 'mime'>,
  at: { from: string; recipient: string; header: Header; now: Date },
): Buffer {
  const ids = (name: string) =>
    allValues(at.header, name).flatMap((value) => value.match(/<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>/g) ?? [])
  const original = ids('message-id')[0]
  const references = [...ids('references'), ...(original ? [original] : [])].slice(-REFERENCES_MOST)
  const part = action.mime ? mimePart(action.reason) : textPart(action.reason)
  const head = [
    `From: <${at.from}>`,
    `To: <${at.recipient}>`,
    `Subject: ${headerText(action.subject ?? `Auto: ${fieldText(at.header, 'subject') ?? ''}`)}`,
    `Date: ${formatDate(at.now)}`,
    `Message-ID: <${newId<Branded<'MessageToken'>>(at.now.getTime())}@${domainOf(at.from)}>`,
    ...(original ? [`In-Reply-To: ${original}`, `References: ${references.join('\r\n ')}`] : []),
    'Auto-Submitted: auto-replied (vacation)',
    'X-Auto-Response-Suppress: All',
    ...part.fields,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(part.body)])
}

/** A MIME entity of the script's (RFC 5230 4.6): of its fields only those that describe content, so that it can name no other recipient. */
function mimePart(reason: string): { fields: string[]; body: string } {
  const raw = toCrlf(Buffer.from(reason))
  const header = readHeader(raw)
  const kept = header.fields
    .filter((field) => field.name.startsWith('content-'))
    .map((field) => Buffer.from(header.text.slice(field.start, field.end), 'latin1').toString('utf8').trimEnd())
  const typed = header.fields.some((field) => field.name === 'content-type')
  return {
    fields: ['MIME-Version: 1.0', ...(typed ? [] : ['Content-Type: text/plain; charset=utf-8']), ...kept],
    body: raw.subarray(header.bodyStart).toString('utf8'),
  }
}
