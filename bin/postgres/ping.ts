import { connect } from 'node:net'
import { join } from 'node:path'

/** What a server says at its socket: it takes logins, it is on its way up or down, or nobody answers. */
export type PingResult = 'ready' | 'starting' | 'absent'

/**
 * Asks a server whether it takes connections, without logging in: a start-up packet (PostgreSQL protocol 3.0, section 54.2.1) is
 * answered by an authentication request when it does, and by an error (57P03 cannot_connect_now) while it recovers.
 */
export function ping(socketDir: string, port = 5432, withinMs = 2_000): Promise<PingResult> {
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from('user\0postgres\0database\0postgres\0\0')])
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return new Promise((resolve) => {
    const socket = connect(join(socketDir, `.s.PGSQL.${port}`))
    const done = (result: PingResult) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => done('starting'), withinMs)
    socket.on('error', () => done('absent'))
    socket.on('close', () => done('absent'))
    socket.on('connect', () => socket.write(Buffer.concat([length, body])))
    socket.once('data', (data) => done(data[0] === 0x52 /* R */ ? 'ready' : 'starting'))
  })
}
