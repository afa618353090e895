import { quote, SyntaxFault } from './errors'
import { SIEVE_LIMITS } from './limits'

/** RFC 5228 8.1. Strings come without their quotes, escapes undone; line counts from 1 where the token starts. */
export type Token =
  | { kind: 'word'; line: number; text: string }
  | { kind: 'tag'; line: number; text: string }
  | { kind: 'number'; line: number; value: number }
  | { kind: 'string'; line: number; text: string }
  | { kind: 'mark'; line: number; text: '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' }
  | { kind: 'end'; line: number }

const WORD = /[a-zA-Z_][a-zA-Z0-9_]*/y
const NUMBER = /([0-9]+)([kKmMgG])?/y
const QUANTIFIER = new Map([
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
])

/** Reads a script token by token. Linear: each character is seen a fixed number of times. Throws SyntaxFault. */
export class Lexer {
  private at = 0
  private line = 1
  private readonly text: string

  constructor(text: string) {
    // A byte order mark is no part of the script; editors on Windows leave it.
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text
  }

  next(): Token {
    this.skipBlank()
    const line = this.line
    if (this.at >= this.text.length) return { kind: 'end', line }
    const c = this.text.charAt(this.at)
    switch (c) {
      case '(':
      case ')':
      case '[':
      case ']':
      case '{':
      case '}':
      case ',':
      case ';':
        this.at++
        return { kind: 'mark', line, text: c }
      case '"':
        return { kind: 'string', line, text: this.readQuoted() }
      case ':':
        this.at++
        return { kind: 'tag', line, text: `:${this.readWord(`a name after ":"`)}` }
      default:
        if (c >= '0' && c <= '9') return { kind: 'number', line, value: this.readNumber() }
        return this.readWordOrText(line)
    }
  }

  /** White space and comments (RFC 5228 2.3). */
  private skipBlank(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at)
      if (c === 10) this.line++
      if (c === 32 || c === 9 || c === 10 || c === 13) this.at++
      else if (c === 35) this.skipLine()
      else if (c === 47 && this.text.charCodeAt(this.at + 1) === 42) this.skipComment()
      else return
    }
  }

  private skipLine(): void {
    const end = this.text.indexOf('\n', this.at)
    this.at = end < 0 ? this.text.length : end
  }

  private skipComment(): void {
    const line = this.line
    const end = this.text.indexOf('*/', this.at + 2)
    if (end < 0) throw new SyntaxFault(line, 'This comment is never closed: expected "*/"')
    this.countLines(this.at, end)
    this.at = end + 2
  }

  private countLines(from: number, to: number): void {
    for (let i = this.text.indexOf('\n', from); i >= 0 && i < to; i = this.text.indexOf('\n', i + 1)) this.line++
  }

  private readWord(expected: string): string {
    WORD.lastIndex = this.at
    const found = WORD.exec(this.text)?.[0]
    if (found === undefined) {
      const code = this.text.codePointAt(this.at)
      const shown = code === undefined ? 'the end of the script' : shownCharacter(code)
      throw new SyntaxFault(this.line, `Unexpected ${shown}: expected ${expected}`)
    }
    this.at += found.length
    return found.toLowerCase()
  }

  private readWordOrText(line: number): Token {
    const text = this.readWord('a command, a test, a string, a number or a tag')
    if (text === 'text' && this.text.charAt(this.at) === ':')
      return { kind: 'string', line, text: this.readMultiline() }
    return { kind: 'word', line, text }
  }

  private readNumber(): number {
    NUMBER.lastIndex = this.at
    const found = NUMBER.exec(this.text)
    const digits = found?.[1] ?? '0'
    const value = Number(digits) * (QUANTIFIER.get(found?.[2]?.toLowerCase() ?? '') ?? 1)
    this.at += found?.[0].length ?? 1
    if (value > Number.MAX_SAFE_INTEGER) throw new SyntaxFault(this.line, 'This number is too large')
    WORD.lastIndex = this.at
    if (WORD.test(this.text))
      throw new SyntaxFault(this.line, `Unexpected letters after the number ${digits}: expected K, M, G or nothing`)
    return value
  }

  private readQuoted(): string {
    const line = this.line
    const pieces: string[] = []
    let start = this.at + 1
    let i = start
    for (; ; i++) {
      if (i >= this.text.length) throw new SyntaxFault(line, 'This string is never closed: expected a quotation mark')
      const c = this.text.charCodeAt(i)
      if (c === 34) break
      if (c === 0) throw new SyntaxFault(this.line, 'A string holds a NUL character')
      if (c === 10) this.line++
      if (c === 92) {
        pieces.push(this.text.slice(start, i))
        start = ++i
        if (this.text.charCodeAt(i) === 10) this.line++
      }
    }
    pieces.push(this.text.slice(start, i))
    this.at = i + 1
    return withinLimit(line, pieces.join(''))
  }

  /** `text:` to a line with one dot (RFC 5228 2.4.2.1). Lines end in LF inside the result only where they did before. */
  private readMultiline(): string {
    const line = this.line
    const head = /:[ \t]*(?:#[^\n]*)?\r?(?:\n|$)/y
    head.lastIndex = this.at
    const found = head.exec(this.text)
    if (!found?.[0].endsWith('\n'))
      throw new SyntaxFault(line, 'Unexpected characters after "text:": expected the end of the line')
    this.at += found[0].length
    this.line++
    const pieces: string[] = []
    for (;;) {
      if (this.at >= this.text.length)
        throw new SyntaxFault(line, 'This "text:" is never closed: expected a line that holds "." alone')
      const lf = this.text.indexOf('\n', this.at)
      const next = lf < 0 ? this.text.length : lf + 1
      const row = this.text.slice(this.at, next)
      this.at = next
      if (row === '.\r\n' || row === '.\n' || row === '.') {
        if (lf >= 0) this.line++
        break
      }
      if (row.includes('\0')) throw new SyntaxFault(this.line, 'A string holds a NUL character')
      this.line++
      pieces.push(row.startsWith('..') ? row.slice(1) : row)
    }
    return withinLimit(line, pieces.join(''))
  }
}

function withinLimit(line: number, text: string): string {
  if (Buffer.byteLength(text) > SIEVE_LIMITS.stringBytes)
    throw new SyntaxFault(line, `This string is too long: at most ${SIEVE_LIMITS.stringBytes} octets are allowed`)
  return text
}

function shownCharacter(code: number): string {
  return code < 33 || code === 127
    ? `character U+${code.toString(16).padStart(4, '0').toUpperCase()}`
    : quote(String.fromCodePoint(code))
}
