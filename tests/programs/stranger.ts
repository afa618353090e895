import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { pause } from '#lib/lifecycle'
import { type Demo, type Instance, type Login, startInstance } from '#tests/helpers/instance'
import { readFolder, withImap } from '#tests/helpers/mail-client'
import { type SmtpClient, smtpClient } from '#tests/helpers/smtp-client'

/** The whole product with its demo world, and two neighbours in it. */
export interface House {
  instance: Instance
  demo: Demo
  ann: Login
  ben: Login
  /** Their domain */
  domain: string
  /** Every message of a folder with its bytes, oldest first. */
  folder(login: Login, path?: string): Promise<Buffer[]>
  stop(): Promise<void>
}

export async function openDemo(env: Record<string, string> = {}): Promise<House> {
  const instance = await startInstance({ seedDemo: true, env })
  const demo = instance.demo()
  const [ann, ben] = demo.subscribers
  if (!ann || !ben) throw new Error('The demo world has two subscribers.')
  return {
    instance,
    demo,
    ann,
    ben,
    domain: ann.email.split('@')[1] ?? '',
    folder: async (login, path) =>
      (await withImap(instance, login, (client) => readFolder(client, path))).map(({ raw }) => raw),
    stop: () => instance.stop(),
  }
}

/** A session at the door for mail programs, under TLS and signed in. */
export async function signedIn({ instance }: House, { email, password }: Login): Promise<SmtpClient> {
  const client = await smtpClient(instance.ports.submissions, { tls: true })
  await client.command('EHLO stranger.example')
  const reply = await client.command(`AUTH PLAIN ${plain(email, password)}`)
  if (!reply.startsWith('235')) throw new Error(`sign-in: ${reply}`)
  return client
}

/** What the server answered, as swaks has printed it; `last` leaves out the farewell. */
export function swaksReplies(out: string): { lines: string[]; last: string } {
  const lines = [...out.matchAll(/^(?:<[-~*]{1,2}|<~\*|<\*\*)\s+(\d{3}.*?)\r?$/gm)].map((found) => found[1] ?? '')
  return { lines, last: lines.filter((line) => !line.startsWith('221')).at(-1) ?? '' }
}

/** The response of SASL PLAIN (RFC 4616) in base64. */
export const plain = (user: string, password: string, authzid = ''): string =>
  Buffer.from(`${authzid}\0${user}\0${password}`).toString('base64')

/** Where bytes hold a CR without its LF, or an LF without its CR. */
export const bareLineBreaks = (raw: Buffer): number => raw.toString('latin1').match(/\r(?!\n)|(?<!\r)\n/g)?.length ?? 0

/** Replies until the server closes, or until one matches `last`. */
export async function repliesUntil(client: SmtpClient, last: RegExp): Promise<string[]> {
  const replies: string[] = []
  for (;;) {
    const reply = await client.reply()
    if (reply === '') return replies
    replies.push(reply)
    if (last.test(reply)) return replies
  }
}

/** What a server said before a handshake, and what after it. `secure` is false when there was no handshake. */
export interface Upgraded {
  clear: string
  secure: boolean
  after: string
}

/**
 * Goes up to TLS by hand. Writes `packets` in the clear, one packet each, waits for `ready` in what comes back, shakes hands, writes `probe`, and reads until
 * `answered` is there or the server closes.
 */
export async function upgrade(
  port: number,
  script: { greeting: RegExp; packets: readonly string[]; ready: RegExp; probe: string; answered: RegExp },
): Promise<Upgraded> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const hello = reader(socket)
  try {
    await hello.until(script.greeting)
    hello.clear()
    for (const packet of script.packets) {
      socket.write(Buffer.from(packet, 'latin1'))
      // A turn of the loop and a little more: the next bytes are a packet of their own.
      await pause(2)
    }
    await hello.until(script.ready)
    // Whatever an injected command would be answered comes now.
    await pause(20)
    const clear = hello.text()
    hello.stop()
    // A handshake over a connection that is gone would wait for ever.
    if (hello.isOver()) return { clear, secure: false, after: '' }
    const secure = tlsConnect({ socket, rejectUnauthorized: false })
    const answers = reader(secure)
    const shaken = await new Promise<boolean>((resolve) => {
      secure.once('secureConnect', () => resolve(true))
      secure.once('error', () => resolve(false))
      secure.once('close', () => resolve(false))
      socket.once('close', () => resolve(false))
    })
    if (shaken) {
      secure.write(script.probe)
      await answers.until(script.answered)
    }
    secure.destroy()
    return { clear, secure: shaken, after: answers.text() }
  } finally {
    socket.destroy()
  }
}

/** What comes in on a socket. `until` ends with the connection as well. */
export function reader(socket: Socket): {
  until(found: RegExp): Promise<void>
  text(): string
  clear(): void
  stop(): void
  isOver(): boolean
} {
  let text = ''
  let over = false
  let wake: () => void = () => undefined
  const take = (chunk: Buffer) => {
    text += chunk.toString('latin1')
    wake()
  }
  const end = () => {
    over = true
    wake()
  }
  socket.on('data', take)
  for (const event of ['end', 'close', 'error']) socket.on(event, end)
  return {
    until: async (found) => {
      while (!found.test(text) && !over)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
    text: () => text,
    clear: () => {
      text = ''
    },
    stop: () => void socket.off('data', take),
    isOver: () => over,
  }
}
