import type { Output } from '#mailcore/door/output'

/** Text gathered before it is handed on: writing each word by itself would cost more than making it. */
const GATHERED_CHARACTERS = 8_000

/** Writes answers made of short texts and of bytes: the text between two pieces of bytes goes in one go, also across messages. */
export class Writer {
  readonly #out: Output
  #text = ''

  constructor(out: Output) {
    this.#out = out
  }

  text(text: string): void {
    this.#text += text
    if (this.#text.length > GATHERED_CHARACTERS) this.end()
  }

  /** Text, then bytes as they are. */
  bytes(text: string, bytes: Buffer): void {
    this.#out.text(this.#text + text)
    this.#text = ''
    this.#out.bytes(bytes)
  }

  /** Text, then a string: bytes of a message, whatever they are, go as a literal. */
  string(text: string, bytes: Buffer): void {
    if (bytes.length === 0) this.text(`${text}""`)
    else this.bytes(`${text}{${bytes.length}}\r\n`, bytes)
  }

  /** Text, then a string or literal8: the latter where there is a NUL, which no other string may hold (RFC 3516 4.2). */
  binary(text: string, bytes: Buffer): void {
    if (bytes.includes(0)) this.bytes(`${text}~{${bytes.length}}\r\n`, bytes)
    else this.string(text, bytes)
  }

  /** Text, then UTF-8: quoted where it is plain. */
  words(text: string, bytes: Buffer): void {
    if (isPlain(bytes)) this.text(`${text}"${bytes.toString('latin1')}"`)
    else this.string(text, bytes)
  }

  /** Hands on what was gathered. */
  end(): void {
    if (this.#text === '') return
    this.#out.text(this.#text)
    this.#text = ''
  }
}

/** May it stand between quotes with nothing escaped? */
function isPlain(bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i] ?? 0
    if (c < 32 || c > 126 || c === 34 || c === 92) return false
  }
  return true
}
