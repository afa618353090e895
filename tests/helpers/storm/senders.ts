import { connect, type TLSSocket } from 'node:tls'
import type { Login } from '#tests/helpers/instance'
import { type SmtpClient, smtpClient } from '#tests/helpers/smtp-client'

/** How one message ended at a door: a code for each recipient, 0 for no answer; and whether its last byte was sent. */
export interface Handed {
  codes: readonly number[]
  dotSent: boolean
  /** From the last byte to the (last) reply */
  ms: number
}

export interface Sender {
  hand(message: { from: string; to: readonly string[]; raw: string }): Promise<Handed>
  close(): void
}

/** After this an outcome is unknown, as it would be for a server that gives up waiting. */
const ANSWER_MS = 60_000

const codeOf = (reply: string): number => (reply === '' ? 0 : Number(reply.slice(0, 3)))

export interface SmtpDoor {
  port: number
  /** Implicit TLS and AUTH PLAIN with these */
  login?: Login
}

/** A mail server or program that keeps its connection from message to message and makes a new one when it breaks. */
export function smtpSender(door: SmtpDoor): Sender {
  let client: (SmtpClient & { greeting: string }) | undefined
  const drop = () => {
    client?.close()
    client = undefined
  }
  const ready = async (): Promise<string> => {
    if (client) return '250'
    client = await smtpClient(door.port, { tls: door.login !== undefined })
    let reply = client.greeting
    if (reply.startsWith('220')) reply = await client.command('EHLO storm.ledger.test')
    if (reply.startsWith('250') && door.login) {
      const { email, password } = door.login
      reply = await client.command(`AUTH PLAIN ${Buffer.from(`\0${email}\0${password}`).toString('base64')}`)
    }
    return reply
  }
  return {
    close: drop,
    hand: async (message) => {
      const none: number[] = message.to.map(() => 0)
      // A door that never answers would hold the storm for ever; closing makes the pending reply ''.
      const late = setTimeout(() => client?.close(), ANSWER_MS)
      try {
        const hello = await ready()
        if (!/^2/.test(hello) || !client) {
          drop()
          return { codes: none.fill(codeOf(hello)), dotSent: false, ms: 0 }
        }
        const handed = await transact(client, message)
        // A connection that broke, or was told to go, is no good for the next.
        if (handed.codes.some((code) => code === 0 || code === 421)) drop()
        return handed
      } finally {
        clearTimeout(late)
      }
    },
  }
}

async function transact(
  client: SmtpClient,
  { from, to, raw }: { from: string; to: readonly string[]; raw: string },
): Promise<Handed> {
  const codes: number[] = to.map(() => 0)
  const all = (code: number): Handed => ({
    codes: codes.map((own) => (own >= 400 ? own : code)),
    dotSent: false,
    ms: 0,
  })
  const mail = await client.command(`MAIL FROM:<${from}>`)
  if (!mail.startsWith('250')) return all(codeOf(mail))
  const taken: number[] = []
  for (const [at, recipient] of to.entries()) {
    codes[at] = codeOf(await client.command(`RCPT TO:<${recipient}>`))
    if (codes[at] === 0) return all(0)
    if (codes[at] === 250) taken.push(at)
  }
  const data = taken.length > 0 ? await client.command('DATA') : ''
  if (!data.startsWith('354')) {
    if (data !== '' || taken.length === 0) await client.command('RSET')
    return all(codeOf(data))
  }
  client.write(`${raw}.\r\n`)
  const began = performance.now()
  // One answer for all.
  const code = codeOf(await client.reply())
  for (const at of taken) codes[at] = code
  return { codes, dotSent: true, ms: performance.now() - began }
}

/** A mail program that files messages into its own INBOX with APPEND (RFC 9051 6.3.12). */
export function appendSender(port: number, login: Login): Sender {
  let session: ImapLines | undefined
  const drop = () => {
    session?.close()
    session = undefined
  }
  return {
    close: drop,
    hand: async ({ raw }) => {
      const late = setTimeout(() => session?.close(), ANSWER_MS)
      try {
        if (!session) {
          session = await imapLines(port)
          const answer = await session.command(`LOGIN ${login.email} ${login.password}`)
          if (!/^\w+ OK/.test(answer)) {
            drop()
            return { codes: [imapCode(answer)], dotSent: false, ms: 0 }
          }
        }
        const go = await session.command(`APPEND INBOX {${raw.length}}`, '+')
        if (!go.startsWith('+')) {
          if (go === '') drop()
          return { codes: [imapCode(go)], dotSent: false, ms: 0 }
        }
        const began = performance.now()
        const answer = await session.finish(raw)
        if (answer === '') drop()
        return { codes: [imapCode(answer)], dotSent: true, ms: performance.now() - began }
      } finally {
        clearTimeout(late)
      }
    },
  }
}

/** A tagged answer as a reply code of the same meaning. */
function imapCode(answer: string): number {
  if (answer === '') return 0
  if (/^\w+ OK/.test(answer)) return 250
  return /^\w+ NO \[(UNAVAILABLE|INUSE|SERVERBUG|LIMIT)\]/.test(answer) ? 451 : 554
}

interface ImapLines {
  /** Sends a command; the line that answers it, or the one that begins with `or`; '' once the connection has ended. */
  command(line: string, or?: string): Promise<string>
  /** Sends the literal that was asked for, and waits for the command's own answer. */
  finish(literal: string): Promise<string>
  close(): void
}

async function imapLines(port: number): Promise<ImapLines> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  let text = ''
  let ended = false
  let tag = 0
  let wake: () => void = () => undefined
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1')
    wake()
  })
  const end = () => {
    ended = true
    wake()
  }
  socket.on('close', end)
  socket.on('error', end)
  const line = async (wanted: (one: string) => boolean): Promise<string> => {
    for (;;) {
      for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n')) {
        const one = text.slice(0, at)
        text = text.slice(at + 2)
        if (wanted(one)) return one
      }
      if (ended) return ''
      await new Promise<void>((next) => {
        wake = next
      })
    }
  }
  const answer = (or?: string) => line((one) => one.startsWith(`s${tag} `) || (or !== undefined && one.startsWith(or)))
  await line((one) => one.startsWith('* '))
  return {
    command: (command, or) => {
      socket.write(`s${++tag} ${command}\r\n`)
      return answer(or)
    },
    finish: (literal) => {
      socket.write(Buffer.from(`${literal}\r\n`, 'latin1'))
      return answer()
    },
    close: () => void socket.destroy(),
  }
}
