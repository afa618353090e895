import type { SMTPServerAddress, SMTPServerAuthentication, SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import type { Clock } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { type Running, stopAll } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { checkAuthor } from '#mailcore/pipeline/check-author'
import { createHalfDone, type HalfDone } from '#mailcore/pipeline/once'
import { mayPost } from '#mailcore/pipeline/posting'
import { createRecipients, type Recipients } from '#mailcore/pipeline/recipients'
import { canonical, OverCap, type Submission, submit } from '#mailcore/pipeline/submit'
import { type Admission, createAdmission, type LimitsMode } from '#mailcore/policy/admission'
import { createPendingSignIns, type PendingSignIns } from '#mailcore/policy/sign-outs'
import type {
  Delivery,
  Directory,
  Mailbox,
  Queue,
  Receipts,
  SendingCaps,
  SignedIn,
  SignInResult,
  Trace,
  Wishes,
} from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { readHeader } from '#mailcore/proto/header'
import { type Buffers, collect, newBuffers } from './collect'
import { REPLY, type Reply, refusalOf, replyTo } from './reply'
import { listen } from './server'
import { holding, messageWishes, type RecipientWish, recipientWish } from './wishes'

export interface SubmissionOptions {
  host: string
  /** 0 for any free port */
  ports: { startTls: number; implicitTls: number }
  hostname: string
  tls: { key: string | Buffer; cert: string | Buffer }
  directory: Directory
  delivery: Delivery
  queue: Pick<Queue, 'enqueue'>
  caps: SendingCaps
  lookupKey: Buffer
  /** Left out: nothing is recorded. */
  trace?: Pick<Trace, 'note'>
  receipts?: Receipts
  clock: Clock
  log: Log
  limits: LimitsMode
}

interface Session {
  account: SignedIn | null
  sender: string
  /** By address */
  local: Map<string, { address: string; mailboxes: readonly Mailbox[] }>
  /** By address: what goes the queue's way, with what was asked about it */
  remote: Map<string, RecipientWish>
  wishes: Omit<Wishes, 'recipients'>
}

interface Door extends SubmissionOptions {
  sessions: Map<string, Session>
  recipients: Recipients
  admission: Admission
  buffers: Buffers
  halfDone: HalfDone
  pending: PendingSignIns
}

/**
 * The doors for our own accounts (RFC 6409): one with STARTTLS, one with TLS from the first byte (RFC 8314). AUTH only
 * under TLS; an account speaks as itself only (S-07); nothing about its place or device leaves (P9).
 */
export async function startSubmission(
  options: SubmissionOptions,
): Promise<Running & { ports: { startTls: number; implicitTls: number } }> {
  const door: Door = {
    ...options,
    sessions: new Map(),
    recipients: createRecipients(options.directory),
    admission: createAdmission(options),
    buffers: newBuffers(),
    halfDone: createHalfDone(options.clock),
    pending: createPendingSignIns(),
  }
  const features = () => [holding(options.clock.now())]
  const held = { features, mailParameters: ['HOLDFOR', 'HOLDUNTIL'] }
  const startTls = await listen({ ...options, ...held, port: options.ports.startTls, server: handlersOf(door) })
  const implicit = { ...handlersOf(door), secure: true }
  const implicitTls = await listen({ ...options, ...held, port: options.ports.implicitTls, server: implicit }).catch(
    async (error: unknown) => {
      await startTls.stop()
      throw error
    },
  )
  const forget = options.directory.onSignOut((accountId) => {
    door.pending.signedOut(accountId)
    const ids = new Set<string>()
    for (const [id, session] of door.sessions) {
      if (session.account?.accountId !== accountId) continue
      session.account = null
      ids.add(id)
    }
    for (const listening of [startTls, implicitTls]) listening.end(ids, REPLY.signedOut().message)
  })
  return {
    ports: { startTls: startTls.port, implicitTls: implicitTls.port },
    stop: stopAll([startTls, implicitTls, { stop: async () => forget() }]).stop,
  }
}

const handlersOf = (door: Door) => ({
  authMethods: ['PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2'],
  hideDSN: false,
  hideREQUIRETLS: false,
  authRequiredMessage: '5.7.0 Authentication required',
  onConnect: (session: SMTPServerSession, done: (error?: Error | null) => void) => {
    if (!door.admission.enter(session.remoteAddress)) return done(REPLY.tooManySessions())
    door.sessions.set(session.id, { account: null, sender: '', local: new Map(), remote: new Map(), wishes: {} })
    done()
  },
  onClose: (session: SMTPServerSession) => {
    if (door.sessions.delete(session.id)) door.admission.leave(session.remoteAddress)
  },
  onAuth: (
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    done: (error: Error | null | undefined, response?: { user?: unknown }) => void,
  ) => {
    signIn(door, auth, session).then(
      (refusal) => (refusal ? done(refusal) : done(null, { user: true })),
      (error: unknown) => done(logged(door, 'submission.auth', error)),
    )
  },
  onMailFrom: (address: SMTPServerAddress, session: SMTPServerSession, done: (error?: Error | null) => void) => {
    beginMessage(door, address, session).then(done, (error: unknown) => done(logged(door, 'submission.mail', error)))
  },
  onRcptTo: (address: SMTPServerAddress, session: SMTPServerSession, done: (error?: Error | null) => void) => {
    addRecipient(door, address, session).then(done, (error: unknown) => done(logged(door, 'submission.rcpt', error)))
  },
  onData: (stream: SMTPServerDataStream, session: SMTPServerSession, done: (error?: Error | null) => void) => {
    takeMessage(door, stream, session).then(done, (error: unknown) => done(logged(door, 'submission.data', error)))
  },
})

function logged(door: Door, event: string, error: unknown): Reply {
  door.log.warn(event, { code: codeOf(error) })
  return replyTo(error)
}

async function signIn(door: Door, auth: SMTPServerAuthentication, session: SMTPServerSession): Promise<Reply | null> {
  const state = door.sessions.get(session.id)
  const check = checkOf(door, auth, session.remoteAddress)
  if (!state || !check) return REPLY.credentials()
  const attempt = door.pending.begin()
  const result = await check().finally(attempt.end)
  if (result.ok) {
    if (attempt.overtaken(result.account.accountId)) return REPLY.credentials()
    state.account = result.account
    return null
  }
  switch (result.reason) {
    case 'credentials':
      return REPLY.credentials()
    case 'suspended':
      return REPLY.accountSuspended()
    case 'slow-down':
      return REPLY.slowDown()
  }
}

/** Asks the directory for what a client has shown, a password or an access token; null when it can be neither. */
function checkOf(door: Door, auth: SMTPServerAuthentication, peer: string): (() => Promise<SignInResult>) | null {
  const { username: typed = '', password, accessToken } = auth
  if (typed.length > LIMITS.addressBytes) return null
  const common = { username: parseAddress(typed)?.address ?? typed, protocol: 'submission' as const, peer }
  if (accessToken) return () => door.directory.signInByToken({ ...common, token: accessToken })
  if (!password || Buffer.byteLength(password) > LIMITS.passwordBytes) return null
  // RFC 4616: an authorization identity of another account asks to act for it, which nobody may (S-13).
  if (auth.authzid && auth.authcid && auth.authzid !== auth.authcid) return null
  return () => door.directory.signIn({ ...common, password })
}

async function beginMessage(door: Door, address: SMTPServerAddress, session: SMTPServerSession): Promise<Reply | null> {
  const state = door.sessions.get(session.id)
  if (!state?.account) return REPLY.signedOut()
  if (!state.account.maySend) return REPLY.mayNotSend()
  if (!door.admission.message(session.remoteAddress)) return REPLY.tooManyMessages()
  // The null sender belongs to nobody's account: bounces are made by us, not handed in.
  const sender = parseAddress(address.address)
  if (!sender) return REPLY.notYourAddress()
  const own = sender.address === state.account.address || (await door.directory.mayUse(state.account, sender.address))
  if (!own) return REPLY.notYourAddress()
  const asked = messageWishes(address, session, door.clock.now())
  if ('bad' in asked) return REPLY.badParameter(asked.bad)
  state.wishes = asked.wishes
  state.sender = sender.address
  state.local.clear()
  state.remote.clear()
  return null
}

async function addRecipient(door: Door, address: SMTPServerAddress, session: SMTPServerSession): Promise<Reply | null> {
  const state = door.sessions.get(session.id)
  if (!state?.account) return REPLY.signedOut()
  const parsed = parseAddress(address.address)
  if (!parsed) return REPLY.badRecipient()
  const wish = recipientWish(address)
  if (!wish) return REPLY.badParameter('ORCPT')
  const resolution = await door.recipients.resolve(parsed.address)
  switch (resolution.kind) {
    case 'remote':
    case 'handover':
      break
    case 'mailbox':
    case 'group':
      if (resolution.kind === 'group' && !mayPost(resolution, state.account)) return REPLY.notForYou()
      if (!waits(state, wish)) {
        const mailboxes = resolution.kind === 'group' ? resolution.mailboxes : [resolution.mailbox]
        state.local.set(parsed.address, { address: parsed.address, mailboxes })
        return null
      }
      break
    default:
      return refusalOf(resolution)
  }
  // What is no mailbox of ours goes the queue's way, and so does what is to wait: the deliver role knows what to do with it.
  state.remote.set(parsed.address, wish)
  return null
}

/** Must it go by the queue even to somebody here: held back (RFC 4865), or with word of its delivery (RFC 3461)? */
const waits = ({ wishes }: Session, { notify }: RecipientWish): boolean =>
  wishes.notBefore !== undefined || (notify?.includes('success') ?? false)

async function takeMessage(
  door: Door,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<Reply | null> {
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
        return await send(door, canonical(collected.chunks), session)
      } finally {
        collected.release()
      }
  }
}

async function send(door: Door, raw: Buffer, session: SMTPServerSession): Promise<Reply | null> {
  const state = door.sessions.get(session.id)
  // Signed out while the message was coming in: it must not go out any more.
  if (!state?.account) return REPLY.signedOut()
  const check = await checkAuthor(readHeader(raw), state.account, door.directory)
  switch (check) {
    case 'malformed':
      return REPLY.badFrom()
    case 'foreign':
      return REPLY.notYourAddress()
    case 'ok': {
      const submission: Submission = {
        account: state.account,
        sender: state.sender,
        local: [...state.local.values()].flatMap(({ address, mailboxes }) =>
          mailboxes.map((mailbox) => ({ address, mailbox })),
        ),
        remote: [...state.remote.keys()],
        wishes: { ...state.wishes, recipients: [...state.remote.values()] },
        raw,
        clientName: session.hostNameAppearsAs,
      }
      try {
        await submit(door, submission)
        return null
      } catch (error) {
        if (!(error instanceof OverCap)) throw error
        return error.reason === 'frozen' ? REPLY.frozen() : REPLY.sentTooMuch()
      }
    }
  }
}
