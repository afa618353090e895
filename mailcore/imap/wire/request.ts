import type { AccountId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Input } from '#mailcore/door/input'
import { IMAP_LIMITS } from '../limits'
import type { Literal, Pieces } from './cursor'
import { MessageRoom, type NoRoom } from './message-room'

/** A command with its literals, its tag and name already told apart. */
export interface Request {
  tag: string
  /** In capitals; with UID in front where it stands: "UID FETCH". */
  name: string
  /** What follows the name, beginning with the space where there is one. */
  pieces: Pieces
  /** Gives back what its literals take of the process's budget. */
  release(): void
}

export type ReadResult =
  | { kind: 'request'; request: Request }
  /** Unreadable: answered so, and the next line is a command again. */
  | { kind: 'bad'; tag: string; text: string }
  /** Readable, but too much. */
  | { kind: 'refused'; tag: string; code: string; text: string }
  /** The client has gone, or must go: `text` is said in BYE. */
  | { kind: 'end'; text?: string }

/** Commands that carry whole messages. */
const MESSAGES = /^(APPEND|REPLACE|UID REPLACE)$/
const TAG = /^([\x21\x23\x24\x26\x27\x2c-\x5b\x5d\x5e-\x7a\x7c\x7e]+) (uid )?([a-z0-9.-]+)(?= |$)/i
const LITERAL = /(~?)\{(\d{1,10})(\+?)\}$/

/**
 * Reads one command: lines and the literals between them, each within what this command may have (RFC 9051 4.3, RFC 7888). `go` asks for a
 * synchronising literal. Nothing is read beyond the ceilings, before login least of all (M-04).
 */
export async function readRequest(input: Input, options: ReadOptions): Promise<ReadResult> {
  const first = await input.readLine(options.account ? IMAP_LIMITS.lineBytes : IMAP_LIMITS.lineBeforeLoginBytes)
  if (first === null) return { kind: 'end' }
  const line = first.toString('latin1')
  const head = TAG.exec(line)
  if (!head) {
    const tag = /^[\x21-\x7e]+/.exec(line)?.[0]
    return {
      kind: 'bad',
      tag: tag !== undefined && /^[^(){%*"\\\]+]{1,64}$/.test(tag) ? tag : '*',
      text: 'A tag and a command were expected',
    }
  }
  const tag = head[1] ?? '*'
  const name = `${head[2] ? 'UID ' : ''}${(head[3] ?? '').toUpperCase()}`
  if (tag.length > 128) return { kind: 'bad', tag: '*', text: 'The tag is too long' }
  const room = new Room(name, options.account)
  let read: ReadResult | undefined
  try {
    read = await readPieces(input, { tag, name, room, line: line.slice(head[0].length), options })
    return read
  } finally {
    // Also when the client sends too long a line behind a literal: what a request holds goes with it, all else at once.
    if (read?.kind !== 'request') room.release()
  }
}

export interface ReadOptions {
  /** Who has signed in; undefined before. */
  account: AccountId | undefined
  go(): void
}

/** The rest of a command whose first line has been read up to its arguments. */
async function readPieces(
  input: Input,
  at: { tag: string; name: string; room: Room; line: string; options: ReadOptions },
): Promise<ReadResult> {
  const { tag, name, room, options } = at
  const pieces: (string | Literal)[] = []
  let { line } = at
  let textBytes = tag.length + name.length + line.length
  for (;;) {
    const found = LITERAL.exec(line)
    if (!found) {
      pieces.push(line)
      return { kind: 'request', request: { tag, name, pieces, release: () => room.release() } }
    }
    const bytes = Number(found[2])
    const waits = found[3] === ''
    pieces.push(line.slice(0, found.index))
    const refusal = room.take(bytes)
    if (refusal) {
      if (waits) return { kind: 'refused', tag, ...refusal }
      room.release()
      return skipRest(input, { tag, bytes, refusal, signedIn: options.account !== undefined })
    }
    if (waits) options.go()
    const data = await input.readBytes(bytes)
    const next = data && (await input.readLine(IMAP_LIMITS.lineBytes - Math.min(textBytes, IMAP_LIMITS.lineBytes)))
    if (!data || next === null) return { kind: 'end' }
    pieces.push({ data, binary: found[1] === '~' })
    line = next.toString('latin1')
    textBytes += next.length
  }
}

/** What the literals of one command may take. */
class Room {
  readonly #messages: MessageRoom | undefined
  readonly #signedIn: boolean
  #count = 0
  #bytes = 0

  constructor(name: string, account: AccountId | undefined) {
    this.#messages = account && MESSAGES.test(name) ? new MessageRoom(account) : undefined
    this.#signedIn = account !== undefined
  }

  take(bytes: number): NoRoom | undefined {
    this.#count++
    this.#bytes += bytes
    if (this.#messages) return this.#takeMessage(this.#messages, bytes)
    const most = this.#signedIn ? IMAP_LIMITS.literalsBytes : IMAP_LIMITS.literalsBeforeLoginBytes
    if (this.#count > IMAP_LIMITS.literals || this.#bytes > most)
      return { code: 'LIMIT', text: 'The argument is too large' }
    return undefined
  }

  #takeMessage(room: MessageRoom, bytes: number): NoRoom | undefined {
    if (bytes > LIMITS.messageBytes) return { code: 'TOOBIG', text: 'The message is too large' }
    if (this.#count > IMAP_LIMITS.appendParts) return { code: 'LIMIT', text: 'Too many parts in one command' }
    return room.take(bytes)
  }

  release(): void {
    this.#messages?.release()
  }
}

/** A literal that was sent without asking is read and forgotten with the rest of its command, if it is not endless. */
async function skipRest(
  input: Input,
  at: { tag: string; bytes: number; refusal: NoRoom; signedIn: boolean },
): Promise<ReadResult> {
  let left: number = at.signedIn ? IMAP_LIMITS.skippedLiteralBytes : IMAP_LIMITS.literalsBeforeLoginBytes * 16
  for (let bytes = at.bytes; ; ) {
    if (bytes > left) return { kind: 'end', text: at.refusal.text }
    left -= bytes
    if (!(await input.skip(bytes))) return { kind: 'end' }
    const line = await input.readLine(IMAP_LIMITS.lineBytes)
    if (line === null) return { kind: 'end' }
    const found = LITERAL.exec(line.toString('latin1'))
    if (!found) return { kind: 'refused', tag: at.tag, ...at.refusal }
    // A literal that waits will never come: the command ends here.
    if (found[3] === '') return { kind: 'refused', tag: at.tag, ...at.refusal }
    bytes = Number(found[2])
  }
}
