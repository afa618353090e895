import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import type { Clock } from '#lib/clock'
import { keyedHash, sha256 } from '#lib/crypto/hash'
import { codeOf } from '#lib/errors'
import { type AccountId, newId, type TraceId } from '#lib/ids'
import type { Running } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { createRecipients, type Recipients } from '#mailcore/pipeline/recipients'
import { envelopeOf, type LocalRecipient, needsUtf8 } from '#mailcore/pipeline/submit'
import { type Admission, createAdmission, type LimitsMode } from '#mailcore/policy/admission'
import type {
  CheckedRecipient,
  Checks,
  Delivery,
  Directory,
  Incoming,
  Peer,
  Queue,
  Resolution,
  Verdict,
} from '#mailcore/ports'
import { normaliseAddress, parseAddress } from '#mailcore/proto/address'
import { hasBareLineBreak } from '#mailcore/proto/crlf'
import { firstValue, type Header, readHeader } from '#mailcore/proto/header'
import { receivedAtMx, returnPath } from '#mailcore/proto/received'
import { type Buffers, collect, newBuffers } from './collect'
import { REPLY, refusalOf, replyOf, replyTo } from './reply'
import { listen } from './server'

export interface MxOptions {
  host: string
  /** 0 for any free port */
  port: number
  /** Our name in greeting and trace fields */
  hostname: string
  tls: { key: string | Buffer; cert: string | Buffer }
  directory: Pick<Directory, 'resolve'>
  delivery: Delivery
  /** Takes what is for an address of ours that is no mailbox. */
  queue: Pick<Queue, 'enqueue'>
  checks: Checks
  /** 32 bytes: by keyed hashes a message that is sent again is known */
  lookupKey: Buffer
  clock: Clock
  log: Log
  limits: LimitsMode
  /** Where `RCPT TO:<postmaster>` goes (RFC 5321 4.1.1.3) */
  postmaster?: string
}

/** Refused recipients in one session before it ends: lists are mixed (S-08), harvests are long. */
const REFUSED_MOST = 1_000

type Handed = Extract<Resolution, { kind: 'handover' }>

interface Session {
  /** By address: several may lead to one mailbox, which gets one copy. */
  recipients: Map<string, LocalRecipient>
  /** By address: those the deliver role sees to */
  handed: Map<string, Handed>
  refused: number
}

interface Door extends MxOptions {
  sessions: Map<string, Session>
  recipients: Recipients
  admission: Admission
  buffers: Buffers
}

/**
 * The door for strangers' mail servers, RFC 5321: takes mail for addresses of ours and nothing else, STARTTLS offered,
 * no AUTH. 250 after DATA only once every mailbox has committed. Nobody is trusted more for being near: the rules on
 * relaying and line breaks are the same for loopback.
 */
export async function startMx(options: MxOptions): Promise<Running & { port: number }> {
  const door: Door = {
    ...options,
    sessions: new Map(),
    recipients: createRecipients(options.directory),
    admission: createAdmission(options),
    buffers: newBuffers(),
  }
  return await listen({
    ...options,
    server: {
      authOptional: true,
      disabledCommands: ['AUTH'],
      onConnect: (session, done) => {
        if (!door.admission.enter(session.remoteAddress)) return done(REPLY.tooManySessions())
        door.sessions.set(session.id, { recipients: new Map(), handed: new Map(), refused: 0 })
        done()
      },
      onClose: (session) => {
        if (door.sessions.delete(session.id)) door.admission.leave(session.remoteAddress)
      },
      onMailFrom: (address, session, done) => done(beginMessage(door, address, session)),
      onRcptTo: (address, session, done) => {
        addRecipient(door, address, session).then(done, (error: unknown) => done(logged(door, 'mx.resolve', error)))
      },
      onData: (stream, session, done) => {
        takeMessage(door, stream, session).then(done, (error: unknown) => done(logged(door, 'mx.deliver', error)))
      },
    },
  })
}

function logged(door: Door, event: string, error: unknown): Error {
  door.log.warn(event, { code: codeOf(error) })
  return replyTo(error)
}

function beginMessage(door: Door, address: SMTPServerAddress, session: SMTPServerSession): Error | null {
  const state = door.sessions.get(session.id)
  if (!state) return REPLY.outage()
  if (!door.admission.message(session.remoteAddress)) return REPLY.tooManyMessages()
  // RFC 6531 3.4: an internationalised address needs the SMTPUTF8 parameter.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is meant
  if (!session.envelope.smtpUtf8 && /[^\x00-\x7f]/.test(address.address.split('@')[0] ?? '')) return REPLY.badSender()
  state.recipients.clear()
  state.handed.clear()
  return null
}

async function addRecipient(door: Door, address: SMTPServerAddress, session: SMTPServerSession): Promise<Error | null> {
  const state = door.sessions.get(session.id)
  if (!state) return REPLY.outage()
  const text = address.address.toLowerCase() === 'postmaster' ? (door.postmaster ?? '') : address.address
  const parsed = parseAddress(text)
  if (!parsed) return refuse(state, text === '' ? REPLY.unknownUser() : REPLY.badRecipient())
  const resolution = await door.recipients.resolve(parsed.address)
  if (resolution.kind !== 'mailbox' && resolution.kind !== 'handover') return refuse(state, refusalOf(resolution))
  const verdict = await door.checks.recipient(peerOf(session), senderOf(session), checked(parsed.address, resolution))
  switch (verdict.kind) {
    case 'blocked':
      return refuse(state, REPLY.blocked())
    case 'greylisted':
      return REPLY.greylisted()
    case 'accept':
      if (resolution.kind === 'handover') state.handed.set(parsed.address, resolution)
      else state.recipients.set(parsed.address, { address: parsed.address, mailbox: resolution.mailbox })
      return null
  }
}

const checked = (address: string, to: Extract<Resolution, { kind: 'mailbox' | 'handover' }>): CheckedRecipient =>
  to.kind === 'mailbox'
    ? { address, tenantId: to.mailbox.tenantId, mailboxes: [to.mailbox] }
    : { address, tenantId: to.tenantId, mailboxes: [] }

const peerOf = (session: SMTPServerSession): Peer => ({
  address: session.remoteAddress.replace(/^::ffff:(?=\d)/i, ''),
  helo: session.hostNameAppearsAs || '',
  tls: session.secure,
})

function refuse(state: Session, refusal: Error | null): Error | null {
  state.refused++
  return state.refused > REFUSED_MOST ? REPLY.tooManyRefused() : refusal
}

async function takeMessage(
  door: Door,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<Error | null> {
  const collected = await collect(stream, LIMITS.messageBytes, door.buffers)
  switch (collected.kind) {
    case 'too-large':
      return REPLY.tooLarge()
    case 'overloaded':
      return REPLY.overloaded()
    case 'gone':
      return REPLY.gone()
    case 'message':
      try {
        return await deliver(door, collected.chunks, session)
      } finally {
        collected.release()
      }
  }
}

/**
 * Checks and delivers one message. smtp-server ends DATA at CRLF.CRLF only and has undone dot-stuffing by now; it removes
 * nothing but dots, so a bare CR or LF on the wire is one in these bytes and the other way round (S-01).
 */
async function deliver(door: Door, chunks: Buffer[], session: SMTPServerSession): Promise<Error | null> {
  const state = door.sessions.get(session.id)
  if (!state || state.recipients.size + state.handed.size === 0) return REPLY.outage()
  const receivedAt = door.clock.now()
  const traceId = newId<TraceId>(receivedAt.getTime())
  const message = Buffer.concat(chunks)
  if (hasBareLineBreak(message)) return REPLY.bareLineBreak()
  const header = readHeader(message)
  if (hopsOf(header) > LIMITS.receivedHops) return REPLY.loop()
  const sender = senderOf(session)
  const recipients = [...state.recipients.values()]
  const handed = [...state.handed]
  const verdict = await door.checks.inspect({
    peer: peerOf(session),
    sender,
    recipients: [
      ...recipients.map(({ address, mailbox }) => checked(address, { kind: 'mailbox', mailbox })),
      ...handed.map(([address, to]) => checked(address, to)),
    ],
    message,
    receivedAt,
    traceId,
  })
  if (verdict.action !== 'accept') return verdict.reply ? replyOf(verdict.reply) : REPLY.outage()
  const fields = verdict.fields + receivedOf(door, session, traceId, receivedAt)
  for (const [address, to] of handed) await handOver(door, { address, to, sender, fields, verdict, traceId })
  if (recipients.length === 0) return null
  await door.delivery.deliver({
    raw: Buffer.concat([Buffer.from(returnPath(sender) + fields), verdict.message]),
    receivedAt,
    // Two addresses of one mailbox are one delivery.
    mailboxes: [...new Map(recipients.map(({ mailbox }) => [mailbox.accountId, mailbox])).values()],
    envelope: envelopeOf(sender, recipients),
    into: verdict.into,
    ...onceKeyOf(door.lookupKey, sender, header, message),
  })
  return null
}

/** Into the queue for the very address, in its tenant's name: it is nobody's mailbox, so the tenant's id stands for the account. */
async function handOver(
  door: Door,
  of: { address: string; to: Handed; sender: string; fields: string; verdict: Verdict; traceId: TraceId },
): Promise<void> {
  const { address, to, sender, fields, verdict, traceId } = of
  await door.queue.enqueue({
    tenantId: to.tenantId,
    accountId: (to.listId ?? to.tenantId) as string as AccountId,
    region: to.region,
    sender,
    recipients: [address],
    raw: Buffer.concat([Buffer.from(fields), verdict.message]),
    smtpUtf8: needsUtf8(sender),
    origin: 'automatic',
    traceId,
  })
}

function hopsOf(header: Header): number {
  let hops = 0
  for (const field of header.fields) if (field.name === 'received') hops++
  return hops
}

/** A server that did not hear our 250 sends the same bytes again (RFC 1047). Without a Message-ID two equal messages may be meant as two. */
function onceKeyOf(key: Buffer, sender: string, header: Header, message: Buffer): Pick<Incoming, 'onceKey'> {
  const messageId = firstValue(header, 'message-id')
  if (!messageId) return {}
  return { onceKey: keyedHash(key, 'once', JSON.stringify([sender, messageId, sha256(message).toString('base64')])) }
}

/** MAIL FROM as it came where it is not of the strict form: a quoted local part is legal in a stranger's address. */
function senderOf(session: SMTPServerSession): string {
  const from = session.envelope.mailFrom
  const sender = from ? from.address : ''
  return normaliseAddress(sender) ?? sender
}

function receivedOf(door: Door, session: SMTPServerSession, id: TraceId, now: Date): string {
  return receivedAtMx({
    peer: session.remoteAddress,
    helo: session.hostNameAppearsAs,
    by: door.hostname,
    extended: session.openingCommand !== 'HELO',
    tls: session.secure,
    smtpUtf8: session.envelope.smtpUtf8,
    id,
    now,
  })
}
