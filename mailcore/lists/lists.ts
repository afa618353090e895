import type { Databases } from '#db/client'
import { findList, findRecipients, type ListRow, leaveList } from '#db/control/queries/lookup'
import type { Clock } from '#lib/clock'
import { keyedHash, sha256 } from '#lib/crypto/hash'
import { codeOf, Fault } from '#lib/errors'
import { type Branded, type GroupId, newId, type QueueId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { openGroup, openMember } from '#lib/sealed-address'
import type { KeyService } from '#mailcore/keys/service'
import { needsUtf8 } from '#mailcore/pipeline/submit'
import type { AttemptResult, Delivery, Handover, Leased, Mailbox, Queue } from '#mailcore/ports'
import { type Address, parseAddress, parseAddressList, splitSubaddress } from '#mailcore/proto/address'
import { formatDate } from '#mailcore/proto/date'
import { allValues, decodeWords, firstValue, type Header, readHeader } from '#mailcore/proto/header'
import { headerText, textPart } from '#mailcore/proto/header-text'
import { receivedAtSubmission, returnPath } from '#mailcore/proto/received'
import { type ListName, listIdOf, listMessage } from './header'
import { type Poster, posterOf } from './poster'

export interface ListParts {
  db: Databases
  keys: Pick<KeyService, 'tenantKey'>
  queue: Pick<Queue, 'enqueue'>
  delivery: Delivery
  /** 32 bytes; the key of address hashes */
  lookupKey: Buffer
  /** TXT records of a name, each joined; [] where there is none (for the DMARC policy of an author's domain) */
  txt(name: string): Promise<string[]>
  clock: Clock
  log: Log
  /** Our name in Authentication-Results and Received */
  hostname: string
}

const DONE: AttemptResult = { kind: 'delivered' }
const failed = (code: number, enhanced: string): AttemptResult => ({ kind: 'failed', code, enhanced })

interface Post {
  leased: Leased
  header: Header
  address: Address
  groupId: GroupId
  list: ListRow
  name: ListName
}

/**
 * Sends on what comes to a list, once to each member: into the mailboxes of those here, through the queue to those elsewhere. Says 550 to who may not
 * write to it. Done again after a crash it reaches nobody twice: mailboxes know the message by its key, the queue by its id.
 */
export function createLists(parts: ListParts): Handover {
  return {
    async handle(leased, { tenantId, listId }) {
      const address = parseAddress(leased.recipient)
      if (!address || !listId) return failed(550, '5.1.1')
      const list = await findList(parts.db.control.lookup, { tenantId, groupId: listId })
      if (!list) return failed(550, '5.1.1')
      const key = await parts.keys.tenantKey(tenantId)
      const text = openGroup(key, tenantId, listId, list.sealed)
      const own = parseAddress(text.address)
      if (!own) return failed(550, '5.1.1')
      const header = readHeader(leased.raw)
      const name = { address: own.address, local: own.local, domain: own.domain, name: text.name }
      const post: Post = { leased, header, address, groupId: listId, list, name }
      const { tag } = splitSubaddress(address)
      // Bounces of what the list sent, and answers of machines, go no further: to send them on is how lists flood (RFC 3834 section 2).
      if (leased.sender === '' || tag === 'bounces' || isAutomatic(header)) {
        parts.log.info('list.dropped', { tenantId, list: listId, queueId: leased.id })
        return DONE
      }
      if (isLoop(header, name)) return failed(554, '5.4.6')
      const poster = posterOf(leased, header, parts.hostname)
      if (tag === 'unsubscribe') return unsubscribe(parts, post, poster)
      if (!poster || !(await mayPost(parts, post, poster))) return failed(550, '5.7.1')
      await expand(parts, post, poster, key)
      return DONE
    },
  }
}

function isAutomatic(header: Header): boolean {
  const said = firstValue(header, 'auto-submitted')
  return said !== undefined && !/^no\b/i.test(said)
}

/** Has it been through this list, or too far? */
const isLoop = (header: Header, name: ListName): boolean =>
  header.fields.filter((field) => field.name === 'received').length > LIMITS.receivedHops ||
  allValues(header, 'list-id').some((value) => value.toLowerCase().includes(`<${listIdOf(name)}>`))

const hashOf = (parts: ListParts, address: string): Buffer => keyedHash(parts.lookupKey, 'address', address)

async function mayPost(parts: ListParts, { leased, list }: Post, poster: Poster): Promise<boolean> {
  if (list.posting === 'anyone') return true
  if (!poster.proven) return false
  const parsed = parseAddress(poster.address)
  const texts = parsed ? [...new Set([parsed.address, splitSubaddress(parsed).base.address])] : []
  const hashes = texts.map((text) => hashOf(parts, text))
  const [holder] = await findRecipients(parts.db.control.lookup, hashes)
  if (list.posting === 'tenant') return holder?.tenantId === leased.tenantId
  return list.members.some(
    ({ account, addressHash }) =>
      (account && holder?.tenantId === leased.tenantId && holder.accountId === account.accountId) ||
      (addressHash && hashes.some((hash) => hash.equals(addressHash))),
  )
}

async function expand(parts: ListParts, post: Post, poster: Poster, key: Buffer): Promise<void> {
  const { leased, header, list, groupId, name } = post
  const { tenantId, region } = leased
  const now = parts.clock.now()
  const author = { author: poster.address, name: nameIn(header) }
  const instead = (await wouldBeRefused(parts, poster, name)) ? author : null
  const received = receivedAtSubmission({ by: parts.hostname, id: leased.id, now })
  const raw = Buffer.concat([Buffer.from(received), listMessage(leased.raw, name, instead)])
  const sender = `${name.local}+bounces@${name.domain}`
  const elsewhere = list.members.flatMap(({ id, addressSealed }) =>
    addressSealed ? [openMember(key, { tenantId, groupId, id }, addressSealed)] : [],
  )
  if (elsewhere.length > 0)
    await parts.queue.enqueue({
      id: idOf(leased),
      tenantId,
      accountId: groupId as string as Leased['accountId'],
      region,
      sender,
      recipients: elsewhere,
      raw,
      smtpUtf8: needsUtf8(readHeader(raw).text) || elsewhere.some(needsUtf8),
      origin: 'list',
      ...(leased.traceId ? { traceId: leased.traceId } : {}),
    })
  const here = list.members.flatMap(({ account }): Mailbox[] =>
    account && (account.state === 'active' || account.state === 'closing') ? [{ tenantId, ...account }] : [],
  )
  await Promise.all(here.map((mailbox) => deliverTo(parts, post, mailbox, raw, sender)))
  parts.log.info('list.sent', { tenantId, list: groupId, here: here.length, elsewhere: elsewhere.length })
}

/** A member without room misses this message; what else goes wrong is tried again, by everyone's key once. */
async function deliverTo(
  parts: ListParts,
  { leased, groupId, name }: Post,
  mailbox: Mailbox,
  raw: Buffer,
  sender: string,
): Promise<void> {
  try {
    await parts.delivery.deliver({
      raw: Buffer.concat([Buffer.from(returnPath(sender)), raw]),
      receivedAt: parts.clock.now(),
      mailboxes: [mailbox],
      envelope: { sender, recipientsOf: () => [name.address] },
      onceKey: keyedHash(parts.lookupKey, 'once', JSON.stringify(['list', groupId, leased.id])),
    })
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'OVER_QUOTA')) throw error
    parts.log.info('list.full', { tenantId: leased.tenantId, list: groupId, code: codeOf(error) })
  }
}

/** The same message expanded again is the same in the queue: a UUID (version 8, RFC 9562 5.8) of the one it came as. */
function idOf(leased: Leased): QueueId {
  const bytes = Buffer.from(sha256(`list|${leased.id}|${leased.position}`).subarray(0, 16))
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as QueueId
}

function nameIn(header: Header): string {
  const [author] = parseAddressList(firstValue(header, 'from') ?? '')
  return author ? decodeWords(author.name).slice(0, 100) : ''
}

/** Would the members' servers refuse it as a forgery of its author? Not where the author's own signature goes with it, or the domain asks for nothing. */
async function wouldBeRefused(parts: ListParts, poster: Poster, name: ListName): Promise<boolean> {
  const domain = poster.address.slice(poster.address.lastIndexOf('@') + 1)
  if (poster.signed || domain === name.domain) return false
  for (let asked = domain; asked.includes('.'); asked = asked.slice(asked.indexOf('.') + 1)) {
    const record = (await parts.txt(`_dmarc.${asked}`)).find((text) => /^v=DMARC1\s*(?:;|$)/.test(text))
    if (record) return /;\s*p=\s*(?:quarantine|reject)\b/i.test(record)
  }
  return false
}

/** Takes a proven member elsewhere off the list, and says so. Whoever is not on it, or is somebody of ours, hears what to do. */
async function unsubscribe(parts: ListParts, post: Post, poster: Poster | null): Promise<AttemptResult> {
  const { leased, groupId, name } = post
  if (!poster?.proven) return failed(550, '5.7.1')
  const at = { tenantId: leased.tenantId, groupId, addressHash: hashOf(parts, poster.address) }
  const gone = await leaveList(parts.db.control.lookup, at)
  await tell(
    parts,
    post,
    poster.address,
    gone
      ? `You are off the list ${name.name} (${name.address}). Nothing more of it is sent to ${poster.address}.`
      : `${poster.address} is not among the outside members of ${name.name} (${name.address}). If mail of it reaches you by another address, write from that one. People of ${name.domain} ask their administrator: postmaster@${name.domain}.`,
  )
  return DONE
}

async function tell(parts: ListParts, { leased, groupId, name }: Post, to: string, text: string): Promise<void> {
  const now = parts.clock.now()
  const part = textPart(text)
  const head = [
    `From: <${name.local}+bounces@${name.domain}>`,
    `To: <${to}>`,
    `Subject: ${headerText(name.name)}`,
    `Date: ${formatDate(now)}`,
    `Message-ID: <${newId<Branded<'MessageToken'>>(now.getTime())}@${name.domain}>`,
    'Auto-Submitted: auto-replied',
    ...part.fields,
  ]
  await parts.queue.enqueue({
    tenantId: leased.tenantId,
    accountId: groupId as string as Leased['accountId'],
    region: leased.region,
    sender: '',
    recipients: [to],
    raw: Buffer.from(`${head.join('\r\n')}\r\n\r\n${part.body}`),
    smtpUtf8: needsUtf8(to),
    origin: 'automatic',
  })
}
