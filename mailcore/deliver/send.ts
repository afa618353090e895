import { isIP, type Socket } from 'node:net'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Leased } from '#mailcore/ports'

/** Where to connect. */
export interface Target {
  /** Name for TLS's server name */
  host: string
  /** What is connected to: an IP address, or a routed host */
  address: string
  port: number
}

/** Opens a connection, for tests; node's own when left out. */
export type Connect = (target: Target) => Promise<Socket>

export type SendResult =
  /** The server answered: 2xx, 4xx or 5xx. `text` is a stranger's. */
  | { kind: 'reply'; code: number; text: string }
  /** No usable answer: refused, timed out, broken off. */
  | { kind: 'no-answer' }
  /** The server cannot take an internationalised address (RFC 6531 3.2). */
  | { kind: 'no-utf8' }

export interface SendOptions {
  /** Our name in EHLO; the sender's never appears */
  hostname: string
  connect?: Connect
  signal: AbortSignal
}

/** RFC 5321 4.5.3.2.6: at least ten minutes for the answer to the final dot, or a slow 250 becomes a second copy. */
const ANSWER_MS = 11 * 60_000
const CONNECT_MS = 30_000
/** RFC 5321 4.5.3.2.1: five minutes for the greeting. */
const GREETING_MS = 5 * 60_000

/**
 * Hands one message for one recipient to one host. TLS when offered, whatever the certificate (RFC 7435: better than
 * none); when the handshake itself fails, once more without. Never throws.
 */
export async function send(leased: Leased, target: Target, options: SendOptions): Promise<SendResult> {
  const first = await converse(leased, target, options, false)
  if (first.tlsFailed && !options.signal.aborted) return (await converse(leased, target, options, true)).result
  return first.result
}

const SOCKET_CODES = new Set(['ESOCKET', 'ETLS'])

interface Conversation {
  result: SendResult
  tlsFailed: boolean
}

async function converse(leased: Leased, target: Target, options: SendOptions, plain: boolean): Promise<Conversation> {
  let socket: Socket | undefined
  try {
    socket = await options.connect?.(target)
  } catch {
    return { result: { kind: 'no-answer' }, tlsFailed: false }
  }
  const connection = new SMTPConnection({
    host: target.address,
    port: target.port,
    name: options.hostname,
    connection: socket,
    ignoreTLS: plain,
    opportunisticTLS: true,
    tls: { rejectUnauthorized: false, servername: isIP(target.host) === 0 ? target.host : undefined },
    connectionTimeout: CONNECT_MS + GREETING_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: ANSWER_MS,
    logger: false,
  })
  return await new Promise<Conversation>((resolve) => {
    const abort = () => finish({ kind: 'no-answer' })
    const finish = (result: SendResult, tlsFailed = false) => {
      options.signal.removeEventListener('abort', abort)
      resolve({ result, tlsFailed })
      if (result.kind === 'reply' && result.code < 400) connection.quit()
      else connection.close()
    }
    let ready = false
    // nodemailer reports a failed handshake as a failed socket (ESOCKET), like a refused connection, which costs little
    // to try once more. A time-out is another code; a session that was secure is never repeated in the clear.
    const fail = (error: unknown) =>
      finish(resultOf(error), !ready && !connection.secure && SOCKET_CODES.has(codeIn(error)))
    options.signal.addEventListener('abort', abort, { once: true })
    // Errors after the outcome is known change nothing, but unheard they would end the process.
    connection.on('error', fail)
    connection.once('end', () => finish({ kind: 'no-answer' }))
    connection.connect((error) => {
      if (error) return fail(error)
      ready = true
      const envelope = { from: leased.sender, to: [leased.recipient], use8BitMime: true, size: leased.raw.length }
      connection.send(envelope, leased.raw, (refused, info) => {
        if (refused) fail(refused)
        else finish({ kind: 'reply', code: codeOfReply(info?.response) ?? 250, text: '' })
      })
    })
  })
}

const codeIn = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const codeOfReply = (text: string | undefined): number | undefined => {
  const code = Number(/^\d{3}/.exec(text ?? '')?.[0])
  return code >= 200 && code < 600 ? code : undefined
}

function resultOf(error: unknown): SendResult {
  if (!(error instanceof Error)) return { kind: 'no-answer' }
  const text = 'response' in error && typeof error.response === 'string' ? error.response : ''
  const code =
    'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : codeOfReply(text)
  if (code !== undefined && code >= 400 && code < 600) return { kind: 'reply', code, text }
  // nodemailer refuses on its own, without having asked, only for an address the server could not read.
  return codeIn(error) === 'EENVELOPE' && text === '' ? { kind: 'no-utf8' } : { kind: 'no-answer' }
}
