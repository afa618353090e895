import { connect } from 'node:tls'
import type { Login } from '#tests/helpers/instance'

/** Long enough for a server that waits for its database to say that it is away. */
const PROBE_MS = 30_000

/**
 * One IMAP session in bare lines: LOGIN, SELECT, FETCH, LOGOUT. `ok`: every command was answered with OK. `away`: refused, cut off, BYE, or
 * `NO [UNAVAILABLE]` (RFC 5530), as in an outage. Anything else is the line that says so, or that there was no answer in time.
 */
export function probeImap(port: number, { email, password }: Login): Promise<string> {
  const commands = [`LOGIN ${email} ${password}`, 'SELECT INBOX', 'UID FETCH 1:* (FLAGS)', 'LOGOUT']
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    let buffer = ''
    let sent = 0
    const finish = (answer: string) => {
      clearTimeout(timer)
      socket.destroy()
      done(answer)
    }
    const timer = setTimeout(() => finish(`no answer to command ${sent}`), PROBE_MS)
    const send = () => socket.write(`a${sent + 1} ${commands[sent++]}\r\n`)
    const take = (line: string) => {
      if (/^\* BYE /.test(line) && sent < commands.length) return finish('away')
      if (/^\* OK /.test(line) && sent === 0) return send()
      if (!line.startsWith(`a${sent} `)) return
      if (/^a\d+ NO \[UNAVAILABLE\]/.test(line)) return finish('away')
      if (!/^a\d+ OK/.test(line)) return finish(line)
      if (sent === commands.length) return finish('ok')
      send()
    }
    socket.on('data', (chunk: Buffer) => {
      buffer += chunk.toString('latin1')
      const lines = buffer.split('\r\n')
      buffer = lines.pop() ?? ''
      lines.forEach(take)
    })
    socket.on('error', () => finish('away'))
    socket.on('close', () => finish('away'))
  })
}
