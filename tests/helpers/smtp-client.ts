import { generateKeyPairSync, sign } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

/** An SMTP client that sends exactly the bytes it is told and shows each reply as it came. */
export interface SmtpClient {
  /** Writes bytes (latin1) without waiting. */
  write(text: string): void
  /** The next whole reply, its lines joined by "\n"; '' once the connection is closed. */
  reply(): Promise<string>
  /** Writes a line and its CRLF, and waits for one reply. */
  command(line: string): Promise<string>
  startTls(): Promise<void>
  close(): void
  localPort: number
}

/** Connects, sends `first` where there is one (a line of a proxy), and reads the greeting. */
export async function smtpClient(
  port: number,
  options: { tls?: boolean; first?: string } = {},
): Promise<SmtpClient & { greeting: string }> {
  let socket: Socket = options.tls
    ? tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect({ port, host: '127.0.0.1' })
  let buffer = ''
  let closed = false
  let wake: () => void = () => undefined
  const listen = () => {
    socket.on('data', (data: Buffer) => {
      buffer += data.toString('latin1')
      wake()
    })
    const end = () => {
      closed = true
      wake()
    }
    socket.on('close', end)
    socket.on('error', end)
  }
  listen()
  const reply = async (): Promise<string> => {
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\r\n)*\d{3}(?: [^\n]*)?\r\n/.exec(buffer)
      if (match) {
        buffer = buffer.slice(match[0].length)
        return match[0].trimEnd().replaceAll('\r', '')
      }
      if (closed) return ''
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const client = {
    write: (text: string) => void socket.write(Buffer.from(text, 'latin1')),
    reply,
    command: (line: string) => {
      client.write(`${line}\r\n`)
      return reply()
    },
    startTls: async () => {
      socket.removeAllListeners('data')
      socket = tlsConnect({ socket, rejectUnauthorized: false })
      listen()
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve)
        socket.once('error', reject)
      })
    },
    close: () => void socket.destroy(),
    localPort: socket.localPort ?? 0,
  }
  if (options.first) client.write(options.first)
  return { ...client, greeting: await reply() }
}

let made: { key: string; cert: string } | undefined

/** A self-signed certificate for loopback (P-256, valid for a day), made once per process. */
export const testCertificate = (): { key: string; cert: string } => (made ??= makeCertificate())

/** DER by hand (X.690): a test certificate needs six shapes, which is less than a library. */
const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

function makeCertificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const commonName = der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('localhost')))
  const name = der(0x30, der(0x31, commonName))
  const time = (offsetMs: number) =>
    der(0x17, Buffer.from(`${new Date(Date.now() + offsetMs).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))
  const body = der(
    0x30,
    der(0xa0, Buffer.from('020102', 'hex')),
    Buffer.from('020101', 'hex'),
    ecdsaSha256,
    name,
    der(0x30, time(-86_400_000), time(86_400_000)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', body, privateKey)
  const cert = der(0x30, body, ecdsaSha256, der(0x03, Buffer.from([0]), signature)).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}
