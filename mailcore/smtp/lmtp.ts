import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import type { Clock } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { newId, type TraceId } from '#lib/ids'
import type { Running } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { onceKeyOf } from '#mailcore/pipeline/once'
import { mayPost } from '#mailcore/pipeline/posting'
import { createRecipients, type Recipients } from '#mailcore/pipeline/recipients'
import { envelopeOf } from '#mailcore/pipeline/submit'
import type { Delivery, Directory, Queue, Resolution } from '#mailcore/ports'
import { normaliseAddress, parseAddress } from '#mailcore/proto/address'
import { hasBareLineBreak } from '#mailcore/proto/crlf'
import { readHeader } from '#mailcore/proto/header'
import { receivedAtLmtp, returnPath } from '#mailcore/proto/received'
import { type Buffers, collect, newBuffers } from './collect'
import { handOver } from './hand-over'
import { REPLY, type Reply, refusalOf, replyTo } from './reply'
import { listen } from './server'

export interface LmtpOptions {
  host: string
  /** 0 for any free port */
  port: number
  hostname: string
  tls: { key: string | Buffer; cert: string | Buffer }
  /** IP addresses that may speak here */
  from: readonly string[]
  directory: Pick<Directory, 'resolve'>
  delivery: Delivery
  queue: Pick<Queue, 'enqueue'>
  lookupKey: Buffer
  clock: Clock
  log: Log
}

type Taken = Extract<Resolution, { kind: 'mailbox' | 'group' | 'handover' }>

interface Door extends LmtpOptions {
  /** By session: what each accepted RCPT leads to, in their order, which the replies after DATA follow (RFC 2033 4.2) */
  sessions: Map<string, { address: string; to: Taken }[]>
  recipients: Recipients
  buffers: Buffers
}

/**
 * The door for a filter that stands outside (RFC 2033): what it hands in has been judged by it, so nothing is checked here but that the address is ours.
 * Open to the named addresses only, and each recipient gets an answer of its own.
 */
export async function startLmtp(options: LmtpOptions): Promise<Running & { port: number }> {
  const door: Door = {
    ...options,
    sessions: new Map(),
    recipients: createRecipients(options.directory),
    buffers: newBuffers(),
  }
  return await listen({
    ...options,
    server: {
      lmtp: true,
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onConnect: (session, done) => {
        if (!door.from.includes(plain(session.remoteAddress))) return done(REPLY.notAllowed())
        door.sessions.set(session.id, [])
        done()
      },
      onClose: (session) => {
        door.sessions.delete(session.id)
      },
      onMailFrom: (_address, session, done) => {
        door.sessions.set(session.id, [])
        done()
      },
      onRcptTo: (address, session, done) => {
        addRecipient(door, address.address, session).then(done, (error: unknown) => done(logged(door, error)))
      },
      onData: (stream, session, done) => {
        takeMessage(door, stream, session).then(
          (replies) => done(null, replies),
          (error: unknown) => done(logged(door, error)),
        )
      },
    },
  })
}

const plain = (address: string): string => address.replace(/^::ffff:(?=\d)/i, '')

function logged(door: Door, error: unknown): Reply {
  door.log.warn('lmtp', { code: codeOf(error) })
  return replyTo(error)
}

async function addRecipient(door: Door, text: string, session: SMTPServerSession): Promise<Reply | null> {
  const state = door.sessions.get(session.id)
  const parsed = parseAddress(text)
  if (!state) return REPLY.outage()
  if (!parsed) return REPLY.badRecipient()
  const to = await door.recipients.resolve(parsed.address)
  if (to.kind === 'group' && !mayPost(to, null)) return REPLY.notForYou()
  if (to.kind !== 'mailbox' && to.kind !== 'group' && to.kind !== 'handover') return refusalOf(to)
  state.push({ address: parsed.address, to })
  return null
}

/** One reply for each recipient: an Error, or the text after 250. */
async function takeMessage(
  door: Door,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<(Reply | string)[]> {
  const recipients = door.sessions.get(session.id) ?? []
  const all = (reply: Reply) => recipients.map(() => reply)
  const collected = await collect(stream, LIMITS.messageBytes, door.buffers)
  switch (collected.kind) {
    case 'too-large':
      return all(REPLY.tooLarge())
    case 'overloaded':
      return all(REPLY.overloaded())
    case 'gone':
      return all(REPLY.gone())
    case 'message':
      try {
        const message = Buffer.concat(collected.chunks)
        if (hasBareLineBreak(message)) return all(REPLY.bareLineBreak())
        return await deliverEach(door, recipients, message, session)
      } finally {
        collected.release()
      }
  }
}

async function deliverEach(
  door: Door,
  recipients: readonly { address: string; to: Taken }[],
  message: Buffer,
  session: SMTPServerSession,
): Promise<(Reply | string)[]> {
  const receivedAt = door.clock.now()
  const from = session.envelope.mailFrom
  const sender = from ? (normaliseAddress(from.address) ?? from.address) : ''
  const header = readHeader(message)
  const traceId = newId<TraceId>(receivedAt.getTime())
  const received = receivedAtLmtp({ by: door.hostname, id: traceId, now: receivedAt })
  const onward = Buffer.concat([Buffer.from(received), message])
  const kept = Buffer.concat([Buffer.from(returnPath(sender)), onward])
  const one = async ({ address, to }: { address: string; to: Taken }): Promise<Reply | string> => {
    try {
      if (to.kind === 'handover') {
        await handOver(door.queue, to, { address, sender, raw: onward, traceId })
      } else {
        const mailboxes = to.kind === 'group' ? to.mailboxes : [to.mailbox]
        await door.delivery.deliver({
          raw: kept,
          receivedAt,
          mailboxes,
          envelope: envelopeOf(
            sender,
            mailboxes.map((mailbox) => ({ address, mailbox })),
          ),
          ...onceKeyOf(door.lookupKey, [sender], header, message),
        })
      }
      return '2.1.5 Delivered'
    } catch (error) {
      return logged(door, error)
    }
  }
  return Promise.all(recipients.map(one))
}
