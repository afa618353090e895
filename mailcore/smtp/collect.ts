import type { SMTPServerDataStream } from 'smtp-server'

/** Bytes of unfinished messages that one door holds at once, over all its sessions: bounds its memory. */
export interface Buffers {
  used: number
  readonly mostBytes: number
}

/** 512 MiB: ten of the largest messages at once, or 65,000 of the common size. */
export const newBuffers = (): Buffers => ({ used: 0, mostBytes: 512 * 1024 * 1024 })

export type Collected =
  | { kind: 'message'; chunks: Buffer[]; bytes: number; release: () => void }
  | { kind: 'too-large' }
  | { kind: 'overloaded' }
  | { kind: 'gone' }

/** A peer that sends a byte a packet would leave a million tiny buffers behind; beyond this many they are joined. */
const CHUNKS_MOST = 256

/**
 * Reads a DATA stream to its end. What does not fit is read and thrown away, so that the reply meets a peer that listens.
 * The caller of a 'message' calls `release` once it holds the bytes no longer.
 */
export function collect(stream: SMTPServerDataStream, mostBytes: number, buffers: Buffers): Promise<Collected> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = []
    let small = 0
    let bytes = 0
    let refused: 'too-large' | 'overloaded' | null = null
    const release = () => {
      buffers.used -= bytes
      bytes = 0
      chunks = []
    }
    const refuse = (why: 'too-large' | 'overloaded') => {
      refused = why
      release()
    }
    stream.on('data', (chunk: Buffer) => {
      if (refused) return
      bytes += chunk.length
      buffers.used += chunk.length
      chunks.push(chunk)
      if (bytes > mostBytes) refuse('too-large')
      else if (buffers.used > buffers.mostBytes) refuse('overloaded')
      else if (chunks.length - small > CHUNKS_MOST) {
        chunks.push(Buffer.concat(chunks.splice(small)))
        small = chunks.length
      }
    })
    stream.once('end', () => resolve(refused ? { kind: refused } : { kind: 'message', chunks, bytes, release }))
    const gone = () => {
      release()
      resolve({ kind: 'gone' })
    }
    // 'close' follows 'end' too; by then the promise is settled, and the buffers are the caller's.
    stream.once('error', gone)
    stream.once('close', () => {
      if (!stream.readableEnded) gone()
    })
  })
}
