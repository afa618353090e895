import type { Socket } from 'node:net'
import type { Outgoing, Session, WriteStream } from './types'

const CRLF = Buffer.from('\r\n')

/**
 * Writes answers straight to the socket, in place of imap-core's IMAPComposer. That one is a Transform piped into the
 * socket while `connection.send` writes to the socket itself: with a slow reader and pipelined commands, a line sent
 * the second way overtakes what waits in the first and lands inside a literal.
 */
export function createWriter(socket: Socket, compile: (line: object) => string): WriteStream {
  return {
    write(line: Outgoing, done?: () => void) {
      if (line && socket.writable) {
        const compiled = 'compiled' in line ? line.compiled : compile(line)
        const bytes = typeof compiled === 'string' ? Buffer.from(compiled, 'latin1') : compiled
        socket.write(Buffer.concat([bytes, CRLF]))
      }
      done?.()
      return socket.writable && !socket.writableNeedDrain
    },
  }
}

/** Writes bytes and resolves once the socket takes more: true, or false when it has gone. */
export function writeBytes(session: Session, bytes: Buffer): Promise<boolean> {
  const { socket } = session
  if (!socket.writable) return Promise.resolve(false)
  if (socket.write(bytes)) return new Promise((resolve) => setImmediate(() => resolve(socket.writable)))
  return new Promise((resolve) => {
    const settle = () => {
      socket.off('drain', settle)
      socket.off('close', settle)
      resolve(socket.writable)
    }
    socket.on('drain', settle)
    socket.on('close', settle)
  })
}
