import { ImapFlow } from 'imapflow'
import { createTransport } from 'nodemailer'
import type { Instance, Login } from '#tests/helpers/instance'
import { until } from '#tests/helpers/instance'
import { smtpClient } from '#tests/helpers/smtp-client'

/** Replies of one SMTP transaction, the last of them the reply that decided. */
export interface Handed {
  code: number
  text: string
}

/** Hands a message, which ends with CRLF, to the MX port as a stranger's server does: EHLO, MAIL, RCPT, DATA. Stops at the first refusal. */
export async function handIn(port: number, message: { from: string; to: string; raw: string }): Promise<Handed> {
  const client = await smtpClient(port)
  try {
    let reply = client.greeting
    for (const line of ['EHLO stranger.example', `MAIL FROM:<${message.from}>`, `RCPT TO:<${message.to}>`, 'DATA']) {
      if (!/^[23]/.test(reply)) break
      reply = await client.command(line)
    }
    if (reply.startsWith('354')) {
      client.write(`${message.raw.replace(/^\./gm, '..')}.\r\n`)
      reply = await client.reply()
    }
    return { code: Number(reply.slice(0, 3)), text: reply }
  } finally {
    client.close()
  }
}

/** A real mail program's IMAP library, signed in. It rejects when the login does. */
export async function openImap(instance: Pick<Instance, 'ports'>, { email, password }: Login): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: instance.ports.imaps,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: email, pass: password },
    logger: false,
    disableAutoIdle: true,
  })
  // A broken connection shows in the calls; unheard, its event would end the test process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Work within one IMAP session. */
export async function withImap<T>(
  instance: Pick<Instance, 'ports'>,
  login: Login,
  work: (client: ImapFlow) => Promise<T>,
): Promise<T> {
  const client = await openImap(instance, login)
  try {
    return await work(client)
  } finally {
    await client.logout().catch(() => client.close())
  }
}

/** Every message of a folder with its bytes. */
export async function readFolder(client: ImapFlow, folder = 'INBOX'): Promise<{ uid: number; raw: Buffer }[]> {
  const found: { uid: number; raw: Buffer }[] = []
  const lock = await client.getMailboxLock(folder)
  try {
    await client.noop()
    for await (const one of client.fetch('1:*', { uid: true, source: true })) {
      found.push({ uid: one.uid, raw: one.source ?? Buffer.alloc(0) })
    }
  } finally {
    lock.release()
  }
  return found
}

/** Waits until a message that holds `text` is in a folder, asking again and again; resolves with it. */
export function arrives(
  instance: Pick<Instance, 'ports'>,
  login: Login,
  text: string,
  options: { folder?: string; withinMs?: number } = {},
): Promise<{ uid: number; raw: Buffer }> {
  return withImap(instance, login, (client) =>
    until(
      `message with "${text}" for ${login.email}`,
      async () => (await readFolder(client, options.folder)).find(({ raw }) => raw.includes(text)),
      options.withinMs,
    ),
  )
}

/** Hands a message in at submission over STARTTLS, from an address and under a name that must not be told on. */
export async function submit(
  instance: Pick<Instance, 'ports'>,
  login: Login,
  message: { to: string; raw: string; localAddress?: string; name?: string },
): Promise<void> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: instance.ports.submission,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    name: message.name,
    localAddress: message.localAddress,
    auth: { user: login.email, pass: login.password },
  })
  try {
    await transport.sendMail({ envelope: { from: login.email, to: [message.to] }, raw: message.raw })
  } finally {
    transport.close()
  }
}
