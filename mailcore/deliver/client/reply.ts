/** A whole reply of a remote server (RFC 5321 4.2). Its text is a stranger's. */
export interface Reply {
  code: number
  /** The text of each line, without code and separator */
  lines: readonly string[]
}

/** RFC 5321 4.5.3.1.5 says 512 octets; servers say more. Beyond this a line is an attack. */
const LINE_BYTES = 4_096
/** Lines of one reply: EHLO has some twenty. */
const LINES_MOST = 128
/** Bytes that may wait unread: a pipelined batch of replies of 500 recipients fits. */
const BUFFER_BYTES = 1024 * 1024

/** Takes bytes as they come and gives whole replies. Throws on whatever is no reply or too much of one. */
export class ReplyParser {
  private buffer = ''
  private lines: string[] = []
  private code = 0

  /** Replies that these bytes complete, in order. */
  push(chunk: Buffer): Reply[] {
    this.buffer += chunk.toString('latin1')
    if (this.buffer.length > BUFFER_BYTES) throw new Error('reply too long')
    const replies: Reply[] = []
    let start = 0
    for (;;) {
      const end = this.buffer.indexOf('\n', start)
      if (end < 0) break
      const reply = this.take(this.buffer.slice(start, this.buffer[end - 1] === '\r' ? end - 1 : end))
      start = end + 1
      if (reply) replies.push(reply)
    }
    this.buffer = this.buffer.slice(start)
    if (this.buffer.length > LINE_BYTES) throw new Error('reply line too long')
    return replies
  }

  /** Is a reply begun and not ended? */
  get partial(): boolean {
    return this.buffer !== '' || this.lines.length > 0
  }

  private take(line: string): Reply | null {
    const [, code, more, text] = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line) ?? []
    if (code === undefined || line.length > LINE_BYTES) throw new Error('not a reply')
    if (this.lines.length > 0 && Number(code) !== this.code) throw new Error('reply changes its code')
    if (this.lines.length >= LINES_MOST) throw new Error('reply has too many lines')
    this.code = Number(code)
    this.lines.push(text ?? '')
    if (more === '-') return null
    const reply = { code: this.code, lines: this.lines }
    this.lines = []
    return reply
  }
}

/** The reply on one line, as a report quotes it. */
export const replyText = (reply: Reply): string => `${reply.code} ${reply.lines.join(' ')}`.trimEnd()

/** The RFC 3463 status of a reply when it agrees with the reply's own class; `x.0.0` otherwise. */
export function enhancedOf(reply: Reply): string {
  const kind = String(reply.code)[0] ?? '4'
  const found = /^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(reply.lines[0] ?? '')?.[1]
  return found?.startsWith(kind) ? found : `${kind}.0.0`
}
