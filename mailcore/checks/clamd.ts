import { connect, type Socket } from 'node:net'
import { LIMITS } from '#lib/limits'

/** What clamd found: the signature's name, or null for nothing. */
export type VirusOpinion = { found: string | null }

export interface VirusScanner {
  /** Throws when there is no usable answer. */
  ask(message: Buffer): Promise<VirusOpinion>
}

/** From connecting to the answer. A message of 50 MB takes it a few seconds. */
const TIMEOUT_MS = 20_000
const ANSWER_BYTES_MOST = 4_096
const CHUNK_BYTES = 64 * 1024
/** Scans under way at once from one process; clamd's own MaxThreads is 10 by default. */
const SCANS_MOST = 16

export type ClamdAddress = { path?: string; host?: string; port?: number }

/** Speaks clamd's INSTREAM: chunks with their length before them, an empty one at the end, one line back. A connection a message. */
export function createClamd(address: ClamdAddress, timeoutMs = TIMEOUT_MS): VirusScanner {
  let running = 0
  const waiting: (() => void)[] = []
  return {
    async ask(message) {
      if (message.length > LIMITS.messageBytes) throw failure('length')
      const since = performance.now()
      if (running >= SCANS_MOST) await new Promise<void>((resolve) => waiting.push(resolve))
      else running++
      try {
        // Those in line behind a scanner that hangs give up with those it holds, rather than each after all before it.
        if (performance.now() - since > timeoutMs) throw failure('timeout')
        return readVerdict(await stream(address, message, timeoutMs))
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running--
      }
    },
  }
}

const failure = (why: string): Error =>
  Object.assign(new Error(`clamd: ${why}`), { code: `CLAMD_${why.toUpperCase()}` })

/** Sends the message and resolves with what clamd says, up to its NUL or the end of the connection. */
function stream(address: ClamdAddress, message: Buffer, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = address.path
      ? connect({ path: address.path })
      : connect({ host: address.host ?? '127.0.0.1', port: address.port ?? 3310 })
    let heard = ''
    const end = (act: () => void) => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      socket.destroy()
      act()
    }
    const timer = setTimeout(() => end(() => reject(failure('timeout'))), timeoutMs)
    socket.setEncoding('latin1')
    socket.on('connect', () => send(socket, message))
    socket.on('data', (text: string) => {
      heard += text
      if (heard.includes('\0')) end(() => resolve(heard.slice(0, heard.indexOf('\0'))))
      else if (heard.length > ANSWER_BYTES_MOST) end(() => reject(failure('answer')))
    })
    // It may say why before it hangs up on us (a limit of its own): what was heard counts before the error of our writing.
    const over = (error: Error) => end(() => (heard === '' ? reject(error) : resolve(heard)))
    socket.on('error', over)
    socket.on('end', () => over(failure('ended')))
    socket.on('close', () => over(failure('closed')))
  })
}

/** Writes in step with the peer: at most one chunk beyond what the socket takes is waiting. */
function send(socket: Socket, message: Buffer): void {
  let at = 0
  const more = (): void => {
    while (at < message.length && !socket.destroyed) {
      const chunk = message.subarray(at, at + CHUNK_BYTES)
      at += chunk.length
      const length = Buffer.alloc(4)
      length.writeUInt32BE(chunk.length)
      socket.write(length)
      if (!socket.write(chunk)) {
        socket.once('drain', more)
        return
      }
    }
    if (!socket.destroyed) socket.write(Buffer.alloc(4))
  }
  socket.write('zINSTREAM\0')
  more()
}

/** Reads `stream: OK` and `stream: Name FOUND`. Throws on anything else: an error of its own, or another program's words. */
export function readVerdict(line: string): VirusOpinion {
  const said = line.replace(/[\0\r\n]+$/, '')
  if (said === 'stream: OK') return { found: null }
  const name = /^stream: (.{1,200}) FOUND$/.exec(said)?.[1]
  if (name === undefined) throw failure('answer')
  return { found: name.replace(/[^A-Za-z0-9._-]/g, '_') }
}
