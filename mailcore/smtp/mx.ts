import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import type { Clock } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { type Branded, newId } from '#lib/ids'
import type { Running } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { createRecipients, type Recipients } from '#mailcore/pipeline/recipients'
import { envelopeOf, type LocalRecipient } from '#mailcore/pipeline/submit'
import { type Admission, createAdmission, type LimitsMode } from '#mailcore/policy/admission'
import type { Delivery, Directory } from '#mailcore/ports'
import { normaliseAddress, parseAddress } from '#mailcore/proto/address'
import { hasBareLineBreak } from '#mailcore/proto/crlf'
import { readHeader } from '#mailcore/proto/header'
import { receivedAtMx, returnPath } from '#mailcore/proto/received'
import { type Buffers, collect, newBuffers } from './collect'
import { REPLY, refusalOf, replyTo } from './reply'
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
  clock: Clock
  log: Log
  limits: LimitsMode
  /** Where `RCPT TO:<postmaster>` goes (RFC 5321 4.1.1.3) */
  postmaster?: string
}

/** Refused recipients in one session before it ends: lists are mixed (S-08), harvests are long. */
const REFUSED_MOST = 1_000

interface Session {
  /** By address: several may lead to one mailbox, which gets one copy. */
  recipients: Map<string, LocalRecipient>
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
        door.sessions.set(session.id, { recipients: new Map(), refused: 0 })
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
  return null
}

async function addRecipient(door: Door, address: SMTPServerAddress, session: SMTPServerSession): Promise<Error | null> {
  const state = door.sessions.get(session.id)
  if (!state) return REPLY.outage()
  const text = address.address.toLowerCase() === 'postmaster' ? (door.postmaster ?? '') : address.address
  const parsed = parseAddress(text)
  if (!parsed) return refuse(state, text === '' ? REPLY.unknownUser() : REPLY.badRecipient())
  const resolution = await door.recipients.resolve(parsed.address)
  if (resolution.kind === 'mailbox') {
    state.recipients.set(parsed.address, { address: parsed.address, mailbox: resolution.mailbox })
    return null
  }
  return refuse(state, refusalOf(resolution))
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
  if (!state || state.recipients.size === 0) return REPLY.outage()
  const receivedAt = door.clock.now()
  const trace = Buffer.from(traceOf(door, session, receivedAt))
  const raw = Buffer.concat([trace, ...chunks])
  const message = raw.subarray(trace.length)
  if (hasBareLineBreak(message)) return REPLY.bareLineBreak()
  if (hopsOf(message) > LIMITS.receivedHops) return REPLY.loop()
  const recipients = [...state.recipients.values()]
  await door.delivery.deliver({
    raw,
    receivedAt,
    // Two addresses of one mailbox are one delivery.
    mailboxes: [...new Map(recipients.map(({ mailbox }) => [mailbox.accountId, mailbox])).values()],
    envelope: envelopeOf(senderOf(session), recipients),
  })
  return null
}

function hopsOf(message: Buffer): number {
  let hops = 0
  for (const field of readHeader(message).fields) if (field.name === 'received') hops++
  return hops
}

/** MAIL FROM as it came where it is not of the strict form: a quoted local part is legal in a stranger's address. */
function senderOf(session: SMTPServerSession): string {
  const from = session.envelope.mailFrom
  const sender = from ? from.address : ''
  return normaliseAddress(sender) ?? sender
}

function traceOf(door: Door, session: SMTPServerSession, now: Date): string {
  return (
    returnPath(senderOf(session)) +
    receivedAtMx({
      peer: session.remoteAddress,
      helo: session.hostNameAppearsAs,
      by: door.hostname,
      extended: session.openingCommand !== 'HELO',
      tls: session.secure,
      smtpUtf8: session.envelope.smtpUtf8,
      id: newId<Branded<'Trace'>>(now.getTime()),
      now,
    })
  )
}
