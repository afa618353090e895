import { type Input, TooLong } from '#mailcore/door/input'

export type Argument = { kind: 'string'; bytes: Buffer } | { kind: 'number'; value: number }

/** What a client sent as one command, or as one answer within AUTHENTICATE (RFC 5804 section 4). */
export type Received =
  | { kind: 'words'; name: string; args: Argument[] }
  /** Framed well, and read to its end, but no command. */
  | { kind: 'bad'; text: string }
  /** A literal was longer than allowed; it was read and forgotten. */
  | { kind: 'too-large' }

export interface ReadLimits {
  /** Of each line, without literals. */
  lineBytes: number
  /** Of all literals of a command together. */
  literalBytes: number
  /** How much of a longer literal is read and forgotten, to answer and go on; beyond it the connection ends. */
  skipBytes: number
}

/** No command has more than two. */
const LITERALS = 4
const MARKER = /\{([0-9]{1,20})(\+?)\}$/

/**
 * Reads one command with its literals, whatever its syntax: what a client means as the content of a literal is never read as a command, even
 * when the line before it is wrong. Null when the client has gone. Throws TooLong where the end of the command cannot be known or awaited.
 */
export async function receive(input: Input, limits: ReadLimits): Promise<Received | null> {
  const parts: (string | Buffer)[] = []
  let left = limits.literalBytes
  let tooLarge = false
  for (let literals = 0; ; literals++) {
    const line = await input.readLine(limits.lineBytes)
    if (line === null) return null
    const text = line.toString('latin1')
    parts.push(text)
    const marker = MARKER.exec(text)
    if (!marker) break
    const bytes = Number(marker[1])
    // The client's literals do not wait for us (`{n+}`); one that says it waits has another protocol in mind, and might not.
    if (marker[2] !== '+' || literals >= LITERALS) throw new TooLong()
    if (bytes <= left && !tooLarge) {
      const literal = await input.readBytes(bytes)
      if (literal === null) return null
      parts.push(literal)
      left -= bytes
    } else {
      if (bytes > limits.skipBytes) throw new TooLong()
      if (!(await input.skip(bytes))) return null
      parts.length = 0
      tooLarge = true
    }
  }
  return tooLarge ? { kind: 'too-large' } : parse(parts)
}

/** `parts` are lines, each but the last followed by the literal its marker announced. */
function parse(parts: readonly (string | Buffer)[]): Received {
  const first = typeof parts[0] === 'string' ? parts[0] : ''
  const name = /^[A-Za-z]{1,20}(?= |$)/.exec(first)?.[0] ?? ''
  const args: Argument[] = []
  for (let i = 0; i < parts.length; i += 2) {
    const text = parts[i]
    if (typeof text !== 'string') return BAD
    const literal = parts[i + 1]
    const body = literal === undefined ? text : text.slice(0, text.lastIndexOf('{'))
    const start = i === 0 ? name.length : 0
    if (!parseLine(body, start, args, { first: i === 0 && name === '', open: literal !== undefined })) return BAD
    if (Buffer.isBuffer(literal)) args.push({ kind: 'string', bytes: literal })
  }
  return { kind: 'words', name: name.toUpperCase(), args }
}

const BAD: Received = { kind: 'bad', text: 'Not a command' }
const QUOTED = /"((?:[^"\\\0\r\n]|\\["\\])*)"/y
const NUMBER = /[0-9]{1,10}(?=$| )/y

/**
 * Reads the arguments of a line from `at` into `args`; false when it is none. `first`: nothing stands before the first, so no space does either.
 * `open`: a literal follows, so a space stands at the end.
 */
function parseLine(text: string, start: number, args: Argument[], context: { first: boolean; open: boolean }): boolean {
  let at = start
  let spaced = context.first
  while (at < text.length) {
    if (text[at] === ' ') {
      spaced = true
      at++
      continue
    }
    if (!spaced) return false
    spaced = false
    QUOTED.lastIndex = at
    const quoted = QUOTED.exec(text)
    if (quoted) {
      args.push({ kind: 'string', bytes: Buffer.from((quoted[1] ?? '').replace(/\\(.)/g, '$1'), 'latin1') })
      at += quoted[0].length
      continue
    }
    NUMBER.lastIndex = at
    const number = NUMBER.exec(text)
    if (!number || Number(number[0]) > 0xffff_ffff) return false
    args.push({ kind: 'number', value: Number(number[0]) })
    at += number[0].length
  }
  return !context.open || spaced
}
