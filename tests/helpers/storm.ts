import { smtpClient } from '#tests/helpers/smtp-client'

/** Senders that hand in one message after the other and never repeat one, and what they were told of each (by its ledger id). */
export interface Storm {
  /** 250 after the final dot */
  readonly acked: ReadonlySet<string>
  /** The connection ended after the final dot without an answer */
  readonly unknown: ReadonlySet<string>
  /** Refused for now, at whatever command; after DATA the answer to a commit may have been lost */
  readonly putOff: ReadonlySet<string>
  /** Every deciding reply by code: 250, or the refusal. Connections that broke have none. */
  readonly replies: ReadonlyMap<number, number>
  stop(): Promise<void>
}

/** A pause between messages, so that the storm leaves the machine to what it shakes. */
const PAUSE_MS = 40
/** After this an outcome is unknown, as it would be for a sender that gives up waiting. */
const ANSWER_MS = 60_000

type Outcome = { code: number; dotSent: boolean }

async function handOne(port: number, id: string, to: string): Promise<Outcome> {
  const client = await smtpClient(port)
  // A door that never answers would hold the storm for ever; closing makes the pending reply ''.
  const late = setTimeout(() => client.close(), ANSWER_MS)
  let dotSent = false
  try {
    let reply = client.greeting
    for (const line of ['EHLO storm.example', 'MAIL FROM:<storm@sender.example>', `RCPT TO:<${to}>`, 'DATA']) {
      if (!/^[23]/.test(reply)) break
      reply = await client.command(line)
    }
    if (reply.startsWith('354')) {
      dotSent = true
      const padding = `${'abcdefgh'.repeat(9)}\r\n`.repeat(Number(/\d+$/.exec(id)) % 40)
      client.write(
        `From: <storm@sender.example>\r\nTo: ${to}\r\nSubject: ${id}\r\nX-Ledger: ${id}\r\nMessage-ID: <${id}@ledger.test>\r\n\r\n${padding}end of ${id}\r\n.\r\n`,
      )
      reply = await client.reply()
    }
    return { code: reply === '' ? 0 : Number(reply.slice(0, 3)), dotSent }
  } finally {
    clearTimeout(late)
    client.close()
  }
}

/** Starts a storm in mode "once" against an MX port, until it is stopped. */
export function startStorm(
  port: number,
  options: { run: string; recipients: readonly string[]; senders: number },
): Storm {
  const acked = new Set<string>()
  const unknown = new Set<string>()
  const putOff = new Set<string>()
  const replies = new Map<number, number>()
  let stopped = false
  const send = async (sender: number) => {
    for (let n = 0; !stopped; n++) {
      const id = `${options.run}.${sender}.${n}`
      const to = options.recipients[(n + sender) % options.recipients.length] ?? ''
      const { code, dotSent } = await handOne(port, id, to)
      if (code !== 0) replies.set(code, (replies.get(code) ?? 0) + 1)
      if (code === 250) acked.add(id)
      else if (code !== 0) putOff.add(id)
      else if (dotSent) unknown.add(id)
      await new Promise((next) => setTimeout(next, PAUSE_MS))
    }
  }
  const running = Promise.all(Array.from({ length: options.senders }, (_, sender) => send(sender)))
  return {
    acked,
    unknown,
    putOff,
    replies,
    stop: async () => {
      stopped = true
      await running
    },
  }
}
