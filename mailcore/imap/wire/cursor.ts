import { IMAP_LIMITS } from '../limits'
import { parseSequenceSet, type SequenceSet } from './sequence-set'
import { decodeUtf7 } from './utf7'

/** The client's command does not follow the grammar: answered BAD with this text, and nothing was done. */
export class BadSyntax extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'BadSyntax'
  }
}

/** One literal of a command. */
export interface Literal {
  data: Buffer
  /** `~{n}`: a literal8, which may hold NUL (RFC 9051 section 9; RFC 3516) */
  binary: boolean
}

/** A command as it was read: text between literals, and the literals; text first and last. */
export type Pieces = readonly (string | Literal)[]

// What ends an atom: atom-specials of RFC 9051 section 9, and for astrings all of them but "]".
const ATOM_END = new Set([...'(){ %*"\\]'].map((c) => c.charCodeAt(0)))
const ASTRING_END = new Set([...'(){ %*"\\'].map((c) => c.charCodeAt(0)))
const LIST_END = new Set([...'(){ "\\'].map((c) => c.charCodeAt(0)))

/**
 * Reads a command's arguments by the grammar of RFC 9051 section 9, piece by piece; each command asks for what may stand there.
 * Text holds one character per byte. Throws BadSyntax, and nothing else.
 */
export class Cursor {
  readonly #pieces: Pieces
  #piece = 0
  #at = 0
  #depth = 0
  /** Are quoted strings and mailbox names UTF-8 (RFC 9755, RFC 9051 5.1)? */
  readonly utf8: boolean

  constructor(pieces: Pieces, utf8 = false) {
    this.#pieces = pieces
    this.utf8 = utf8
  }

  #text(): string {
    const piece = this.#pieces[this.#piece]
    return typeof piece === 'string' ? piece : ''
  }

  /** The character that comes next, '' before a literal and at the end. */
  get next(): string {
    return this.#text()[this.#at] ?? ''
  }

  get atEnd(): boolean {
    return this.next === '' && this.#piece >= this.#pieces.length - 1
  }

  /** Does a literal come next? */
  get atLiteral(): boolean {
    return this.next === '' && this.#piece < this.#pieces.length - 1
  }

  fail(text: string): never {
    throw new BadSyntax(text)
  }

  /** Nothing more may stand here but spaces. */
  end(): void {
    this.#skipSpaces()
    if (!this.atEnd) this.fail('Too many arguments')
  }

  /** A space; more of them, which the grammar has not and clients send, mean the same, as they do to Dovecot. */
  space(): void {
    if (this.next !== ' ') this.fail(this.atEnd ? 'Missing arguments' : 'A space was expected')
    this.#skipSpaces()
  }

  /** Does something more follow, after a space? */
  more(): boolean {
    if (this.next !== ' ') return false
    this.#skipSpaces()
    return !this.atEnd
  }

  #skipSpaces(): void {
    const text = this.#text()
    while (text[this.#at] === ' ') this.#at++
  }

  /** This character, if it comes next. */
  maybe(char: string): boolean {
    if (this.next !== char) return false
    this.#at++
    return true
  }

  expect(char: string): void {
    if (!this.maybe(char)) this.fail(`"${char}" was expected`)
  }

  /** This word, without regard to case, if it comes next as a whole atom. */
  maybeWord(word: string): boolean {
    const end = this.#at + word.length
    const text = this.#text()
    if (text.slice(this.#at, end).toUpperCase() !== word) return false
    const after = text.charCodeAt(end)
    if (
      end < text.length &&
      after > 32 &&
      !ASTRING_END.has(after) &&
      after !== 93 /* ] */ &&
      after !== 91 &&
      after !== 60
    )
      return false
    this.#at = end
    return true
  }

  /** Does this text come next, without regard to case? Takes nothing. */
  sees(text: string): boolean {
    return (
      this.#text()
        .slice(this.#at, this.#at + text.length)
        .toUpperCase() === text
    )
  }

  #run(ends: ReadonlySet<number>, what: string): string {
    const text = this.#text()
    const start = this.#at
    let at = start
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code <= 32 || code === 127 || ends.has(code) || (code > 127 && !this.utf8)) break
    }
    if (at === start) this.fail(this.atEnd ? 'Missing arguments' : `${what} was expected`)
    this.#at = at
    return text.slice(start, at)
  }

  /** An atom, as written. */
  atom(): string {
    return this.#run(ATOM_END, 'An atom')
  }

  /** A word of the protocol, in capitals. */
  word(): string {
    return this.#run(ATOM_END, 'A word').toUpperCase()
  }

  /** Everything up to one of the characters given (or the end of this text). */
  until(ends: string): string {
    const text = this.#text()
    const start = this.#at
    while (this.#at < text.length && !ends.includes(text[this.#at] ?? '')) this.#at++
    return text.slice(start, this.#at)
  }

  /** string: quoted or literal, as bytes in a text. */
  string(): string {
    if (this.atLiteral) return this.literal().data.toString('latin1')
    if (this.next !== '"') this.fail(this.atEnd ? 'Missing arguments' : 'A string was expected')
    return this.#quoted()
  }

  #quoted(): string {
    const text = this.#text()
    let out = ''
    for (let at = this.#at + 1; at < text.length; at++) {
      const c = text[at] ?? ''
      if (c === '"') {
        this.#at = at + 1
        return out
      }
      if (c === '\\') {
        const escaped = text[++at]
        if (escaped !== '"' && escaped !== '\\') this.fail('Only \\ and " are escaped in a quoted string')
        out += escaped
      } else if (c === '\0' || c === '\r') this.fail('A quoted string holds no such character')
      else out += c
    }
    return this.fail('A quoted string does not end')
  }

  /** astring: an atom or a string, as bytes in a text. */
  astring(): string {
    if (this.atLiteral || this.next === '"') return this.string()
    return this.#run(ASTRING_END, 'A string')
  }

  /** NIL or a string. */
  nstring(): string | null {
    if (this.next !== '"' && !this.atLiteral) {
      if (this.maybeWord('NIL')) return null
      this.fail('A string or NIL was expected')
    }
    return this.string()
  }

  /** A literal with its bytes. */
  literal(): Literal {
    const piece = this.#pieces[this.#piece + 1]
    if (!this.atLiteral || piece === undefined || typeof piece === 'string') return this.fail('A literal was expected')
    this.#piece += 2
    this.#at = 0
    return piece
  }

  /** A text argument as Unicode: UTF-8 bytes. Refuses what is not UTF-8. */
  utf8Of(bytes: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the very range of ASCII
    if (/^[\x00-\x7f]*$/.test(bytes)) return bytes
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'))
    } catch {
      return this.fail('That is not UTF-8')
    }
  }

  /** A mailbox name as Unicode, INBOX in capitals (RFC 9051 5.1). */
  mailbox(): string {
    return this.mailboxOf(this.astring())
  }

  mailboxOf(bytes: string): string {
    const wide = /[^\x20-\x7e]/.test(bytes)
    const name = this.utf8 || wide ? this.utf8Of(bytes) : decodeUtf7(bytes)
    if (name === undefined) return this.fail('The mailbox name is not modified UTF-7')
    return /^inbox(?=\/|$)/i.test(name) ? `INBOX${name.slice(5)}` : name
  }

  /** A LIST pattern as Unicode: list-char stands for itself without quotes. */
  listPattern(): string {
    const bytes = this.atLiteral || this.next === '"' ? this.string() : this.#run(LIST_END, 'A pattern')
    const name = this.utf8 || /[^\x20-\x7e]/.test(bytes) ? this.utf8Of(bytes) : (decodeUtf7(bytes) ?? bytes)
    return /^inbox(?=\/|$)/i.test(name) ? `INBOX${name.slice(5)}` : name
  }

  /** number: 32 bits. */
  number(): number {
    const digits = this.#digits()
    const value = Number(digits)
    if (digits.length > 10 || value > 4_294_967_295) this.fail('The number is too large')
    return value
  }

  /** number64 (RFC 9051), as far as integers are exact: mod-sequences and sizes. */
  number64(): number {
    const digits = this.#digits()
    if (digits.length > 19) this.fail('The number is too large')
    return Number(digits)
  }

  #digits(): string {
    const text = this.#text()
    const start = this.#at
    while (text.charCodeAt(this.#at) >= 48 && text.charCodeAt(this.#at) <= 57) this.#at++
    if (this.#at === start) this.fail(this.atEnd ? 'Missing arguments' : 'A number was expected')
    return text.slice(start, this.#at)
  }

  sequenceSet(): SequenceSet {
    const run = /[0-9*:,$]+/y
    run.lastIndex = this.#at
    const text = run.exec(this.#text())?.[0] ?? ''
    this.#at += text.length
    return parseSequenceSet(text) ?? this.fail('A message set was expected')
  }

  /** Does a sequence set come next? */
  get atSet(): boolean {
    return /[0-9*$]/.test(this.next)
  }

  /** `(` items separated by spaces `)`; may be empty. */
  list<T>(item: () => T): T[] {
    this.expect('(')
    if (++this.#depth > IMAP_LIMITS.nesting) this.fail('Too many parentheses')
    const items: T[] = []
    this.#skipSpaces()
    while (!this.maybe(')')) {
      items.push(item())
      if (this.next !== ')') this.#listSpace()
    }
    this.#depth--
    return items
  }

  #listSpace(): void {
    if (this.next !== ' ') this.expect(')')
    this.#skipSpaces()
  }

  /** One deeper in a grammar that recurses by itself; bounds the stack. */
  nested<T>(work: () => T): T {
    if (++this.#depth > IMAP_LIMITS.nesting) this.fail('Too deep')
    const result = work()
    this.#depth--
    return result
  }

  /** A keyword, or an attribute with its backslash, as written. */
  attribute(): string {
    return (this.maybe('\\') ? '\\' : '') + this.atom()
  }

  /** A flag a client may set: a system flag or a keyword. \Recent is none of them (RFC 3501 2.3.2), nor what nobody knows (RFC 9051 2.3.2). */
  flag(): string {
    const flag = this.attribute()
    if (/^\\(?!(answered|flagged|deleted|seen|draft)$)/i.test(flag)) this.fail('There is no such system flag to set')
    return flag
  }

  flagList(): string[] {
    return this.list(() => this.flag())
  }

  /** date-time of APPEND (RFC 9051 section 9): "17-Jul-1996 02:44:25 -0700"; a day of one digit, which clients send, passes without its space. */
  dateTime(): Date {
    if (this.next !== '"') this.fail('A date was expected')
    return parseDateTime(this.#quoted()) ?? this.fail('The date is not like "17-Jul-1996 02:44:25 -0700"')
  }

  /** date of SEARCH: 1-Feb-1994, quoted or not; midnight UTC, ms since 1970. */
  date(): number {
    const text = this.next === '"' ? this.#quoted() : this.#run(ATOM_END, 'A date')
    return parseDate(text) ?? this.fail('The date is not like 1-Feb-1994')
  }
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function parseDate(text: string): number | undefined {
  const found = /^(\d{1,2})-([a-z]{3})-(\d{4})$/i.exec(text)
  return found ? utc(found[1], found[2], found[3]) : undefined
}

function utc(day: string | undefined, month: string | undefined, year: string | undefined): number | undefined {
  const index = MONTHS.indexOf((month ?? '').toLowerCase())
  if (index < 0) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), index, Number(day))
  return date.getUTCMonth() === index && Number(day) > 0 ? date.getTime() : undefined
}

function parseDateTime(text: string): Date | undefined {
  const found = /^([ \d]?\d)-([a-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/i.exec(text)
  if (!found) return undefined
  const day = utc(found[1], found[2], found[3])
  const [h, m, s, zh, zm] = [4, 5, 6, 8, 9].map((i) => Number(found[i]))
  if (day === undefined || h === undefined || m === undefined || s === undefined) return undefined
  if (h > 23 || m > 59 || s > 60) return undefined
  const zone = ((zh ?? 0) * 60 + (zm ?? 0)) * (found[7] === '-' ? -1 : 1)
  return new Date(day + ((h * 60 + m - zone) * 60 + s) * 1000)
}
