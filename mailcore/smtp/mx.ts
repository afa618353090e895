import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import { type Clock, SECOND_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { failpoint } from '#lib/failpoint'
import { newId, type TraceId } from '#lib/ids'
import { pause, type Running } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { onceKeyOf } from '#mailcore/pipeline/once'
import { mayPost } from '#mailcore/pipeline/posting'
import { createRecipients, type Recipients } from '#mailcore/pipeline/recipients'
import { envelopeOf, type LocalRecipient } from '#mailcore/pipeline/submit'
import { type Admission, createAdmission, type LimitsMode } from '#mailcore/policy/admission'
import type {
  CheckedRecipient,
  Checks,
  Delivery,
  Directory,
  Finding,
  Mailbox,
  Peer,
  Queue,
  Resolution,
  Trace,
} from '#mailcore/ports'
import { normaliseAddress, parseAddress } from '#mailcore/proto/address'
import { hasBareLineBreak } from '#mailcore/proto/crlf'
import { firstValue, type Header, readHeader } from '#mailcore/proto/header'
import { receivedAtMx, returnPath } from '#mailcore/proto/received'
import { type Buffers, collect, newBuffers } from './collect'
import { type Handed, handOver } from './hand-over'
import { type Came, noteIncoming, noteRefused } from './note-incoming'
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
  /** Each message's way; nothing is recorded when left out. */
  trace?: Pick<Trace, 'note'>
  /** 32 bytes: by keyed hashes a message that is sent again is known */
  lookupKey: Buffer
  clock: Clock
  log: Log
  limits: LimitsMode
  /** Proxies that begin with a PROXY line; from others it is garbage (S-12) */
  proxyFrom?: readonly string[]
  /** Pause before each further refusal once a session has had some, 1 second longer each time up to 5; 0 for none */
  tarpitMs?: number
  /** Where `RCPT TO:<postmaster>` goes (RFC 5321 4.1.1.3) */
  postmaster?: string
}

/** Refusals of a session that cost no time: a list holds a few dead addresses. */
const REFUSED_FREE = 5
/** Refused recipients in one session before it ends: lists are mixed (S-08), harvests are long. */
const REFUSED_MOST = 1_000

interface Session {
  /** By address: one mailbox, or those of a group. Several addresses may lead to one mailbox, which gets one copy. */
  recipients: Map<string, CheckedRecipient>
  /** By address: those the deliver role sees to */
  handed: Map<string, Handed>
  refused: number
}

interface Door extends MxOptions {
  stopping: AbortController
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
    stopping: new AbortController(),
    sessions: new Map(),
    recipients: createRecipients(options.directory),
    admission: createAdmission(options),
    buffers: newBuffers(),
  }
  const listening = await listen({
    ...options,
    server: {
      authOptional: true,
      disabledCommands: ['AUTH'],
      useProxy: [...(options.proxyFrom ?? [])],
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
        void addRecipient(door, address, session)
          .catch((error: unknown) => logged(door, 'mx.resolve', error))
          .then(async (refusal) => {
            if (refusal) await tarpit(door, session)
            done(refusal)
          })
      },
      onData: (stream, session, done) => {
        takeMessage(door, stream, session).then(done, (error: unknown) => done(logged(door, 'mx.deliver', error)))
      },
    },
  })
  return {
    port: listening.port,
    stop: async () => {
      door.stopping.abort()
      await listening.stop()
    },
  }
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
  const recipient = checked(parsed.address, resolution)
  // A stranger is no member: what is for members only is for nobody who comes in by this door.
  if (!recipient) return refuse(state, resolution.kind === 'group' ? REPLY.notForYou() : refusalOf(resolution))
  const verdict = await door.checks.recipient(peerOf(session), senderOf(session), recipient)
  switch (verdict.kind) {
    case 'blocked':
      noteRefusal(door, session, [recipient], { check: 'rule', result: 'blocked' })
      return refuse(state, REPLY.blocked())
    case 'greylisted':
      noteRefusal(door, session, [recipient], { check: 'greylist', result: 'wait' })
      return REPLY.greylisted()
    case 'accept':
      if (resolution.kind === 'handover') state.handed.set(parsed.address, resolution)
      else state.recipients.set(parsed.address, recipient)
      return null
  }
}

/** The recipient as the checks know it; null for one that is refused. */
function checked(address: string, to: Resolution): CheckedRecipient | null {
  switch (to.kind) {
    case 'mailbox':
      return { address, tenantId: to.mailbox.tenantId, mailboxes: [to.mailbox] }
    case 'group':
      return mayPost(to, null) ? { address, tenantId: to.tenantId, mailboxes: to.mailboxes } : null
    case 'handover':
      return { address, tenantId: to.tenantId, mailboxes: [] }
    default:
      return null
  }
}

const peerOf = (session: SMTPServerSession): Peer => ({
  address: session.remoteAddress.replace(/^::ffff:(?=\d)/i, ''),
  helo: session.hostNameAppearsAs || '',
  tls: session.secure,
})

/** A harvest of addresses costs its sender time, and nobody else any: only this session waits. */
async function tarpit(door: Door, session: SMTPServerSession): Promise<void> {
  const beyond = (door.sessions.get(session.id)?.refused ?? 0) - REFUSED_FREE
  const { tarpitMs = door.limits === 'bench' ? 0 : SECOND_MS } = door
  if (beyond > 0 && tarpitMs > 0) await pause(Math.min(beyond, 5) * tarpitMs, door.stopping.signal)
}

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
  failpoint('after-data')
  const receivedAt = door.clock.now()
  const traceId = newId<TraceId>(receivedAt.getTime())
  const message = Buffer.concat(chunks)
  if (hasBareLineBreak(message)) return REPLY.bareLineBreak()
  const header = readHeader(message)
  if (hopsOf(header) > LIMITS.receivedHops) return REPLY.loop()
  const sender = senderOf(session)
  const recipients = [...state.recipients.values()]
  const handed = [...state.handed]
  const all = [...recipients, ...handed.flatMap(([address, to]) => checked(address, to) ?? [])]
  const verdict = await door.checks.inspect({
    peer: peerOf(session),
    sender,
    recipients: all,
    message,
    receivedAt,
    traceId,
  })
  const came: Came = {
    peer: peerOf(session),
    sender,
    traceId,
    at: receivedAt,
    bytes: message.length,
    messageId: firstValue(header, 'message-id') ?? '',
    findings: verdict.findings,
  }
  if (verdict.action !== 'accept') {
    const reply = verdict.reply ? replyOf(verdict.reply) : REPLY.outage()
    if (door.trace) noteRefused(door.trace, came, all, reply)
    return reply
  }
  const fields = verdict.fields + receivedOf(door, session, traceId, receivedAt)
  const onward = Buffer.concat([Buffer.from(fields), verdict.message])
  for (const [address, to] of handed) await handOver(door.queue, to, { address, sender, raw: onward, traceId })
  if (recipients.length > 0) {
    const local = recipients.flatMap(({ address, mailboxes }) => mailboxes.map((mailbox) => ({ address, mailbox })))
    await door.delivery.deliver({
      raw: Buffer.concat([Buffer.from(returnPath(sender)), onward]),
      receivedAt,
      mailboxes: eachOnce(local),
      envelope: envelopeOf(sender, local),
      into: verdict.into,
      ...onceKeyOf(door.lookupKey, [sender], header, message),
    })
  }
  failpoint('after-commit')
  if (door.trace) noteIncoming(door.trace, came, { recipients, handed, into: verdict.into })
  return null
}

/** Two addresses of one mailbox are one delivery. */
const eachOnce = (local: readonly LocalRecipient[]): Mailbox[] => [
  ...new Map(local.map(({ mailbox }) => [mailbox.accountId, mailbox])).values(),
]

function noteRefusal(
  door: Door,
  session: SMTPServerSession,
  recipients: readonly CheckedRecipient[],
  finding: Finding,
): void {
  if (!door.trace) return
  const at = door.clock.now()
  const came: Came = {
    peer: peerOf(session),
    sender: senderOf(session),
    traceId: newId<TraceId>(at.getTime()),
    at,
    findings: [finding],
  }
  noteRefused(door.trace, came, recipients, finding.check === 'rule' ? REPLY.blocked() : REPLY.greylisted())
}

function hopsOf(header: Header): number {
  let hops = 0
  for (const field of header.fields) if (field.name === 'received') hops++
  return hops
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
