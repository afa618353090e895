import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A remote mail host on loopback that keeps what it takes. */
export interface MailSink {
  port: number
  /** Every message it answered with 250. */
  taken: { to: string; helo: string; raw: Buffer }[]
  /** How often each recipient was offered. */
  offered: Map<string, number>
  close(): Promise<void>
}

/** `later@…` is put off once with 451, `never@…` is refused with 550; everyone else is taken. */
export async function startSink(): Promise<MailSink> {
  const taken: MailSink['taken'] = []
  const offered = new Map<string, number>()
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    authOptional: true,
    onRcptTo: ({ address }, _session, done) => {
      const times = (offered.get(address) ?? 0) + 1
      offered.set(address, times)
      if (address.startsWith('never@')) return done(refusal(550, '5.1.1 No such person'))
      if (address.startsWith('later@') && times === 1) return done(refusal(451, '4.7.1 Come again'))
      done()
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks)
        for (const { address } of session.envelope.rcptTo) {
          taken.push({ to: address, helo: session.hostNameAppearsAs, raw })
        }
        done()
      })
    },
  })
  server.on('error', () => undefined) // a client that goes away is its own affair
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()))
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    offered,
    close: () => new Promise((done) => server.close(() => done())),
  }
}

const refusal = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode })
