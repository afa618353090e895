import { describe, expect, it } from 'vitest'
import { randomFrom } from '#mailcore/door/testing'
import { stuffed, topEnd } from './multiline'

const wire = (raw: Buffer): Buffer => Buffer.concat([...stuffed(raw), Buffer.from('.\r\n')])

/** Reads a multi-line answer as a client that takes `eol` for a line end does: its bytes and what it takes for the next answer. */
function read(bytes: Buffer, eol: RegExp): { message: string; next: string } {
  const text = bytes.toString('latin1')
  let message = ''
  let at = 0
  for (const found of text.matchAll(eol)) {
    const line = text.slice(at, found.index)
    at = found.index + found[0].length
    if (line === '.') return { message, next: text.slice(at) }
    message += (line.startsWith('.') ? line.slice(1) : line) + found[0]
  }
  return { message, next: 'the end was never seen' }
}
const STRICT = /\r\n/g
const LENIENT = [/\r\n|\n/g, /\r\n|\n|\r/g, /\r?\n|\r\n?/g]
const whole = (raw: string) => (raw === '' || raw.endsWith('\r\n') ? raw : `${raw}\r\n`)
/** A line of one dot, for who takes bare CR or LF for a line end: the only thing that does not come through byte for byte. */
const FAKED_END = /(?:(?<!\r)\n|\r(?!\n))\.(?=[\r\n]|$)/

describe('messages on the wire', () => {
  it('come back byte for byte', () => {
    for (const raw of [
      '',
      '.',
      '..',
      '.\r\n',
      '\r\n.\r\n',
      'a\r\n.\r\n..\r\n.b\r\n',
      'no end',
      'bare LF\n.x\n..\r\n',
      'bare CR\r.x\r\n',
      'nul \0\r\n.\0\r\n',
      'a\r',
      'a\n',
      '\r\r\n.\r\n',
      '\n\r\n.\r\n',
    ]) {
      expect(read(wire(Buffer.from(raw, 'latin1')), STRICT)).toEqual({ message: whole(raw), next: '' })
    }
  })

  it('cannot fake their end before any client (CVE-2026-33604), and are exact wherever they do not try', () => {
    const seed = Date.now() >>> 0
    const random = randomFrom(seed)
    const pieces = ['\r', '\n', '\r\n', '.', '.', 'x', '\0', '+OK', '\r\n.\r\n', '\n.\n', '\r.\r']
    let exact = 0
    for (let i = 0; i < 20_000; i++) {
      let raw = ''
      for (let n = Math.floor(random() * 12); n > 0; n--) raw += pieces[Math.floor(random() * pieces.length)]
      const bytes = wire(Buffer.from(raw, 'latin1'))
      for (const eol of [STRICT, ...LENIENT]) {
        if (read(bytes, eol).next !== '') throw new Error(`seed ${seed}: ${JSON.stringify(raw)} ends early for ${eol}`)
      }
      if (FAKED_END.test(raw)) continue
      exact++
      if (read(bytes, STRICT).message !== whole(raw)) throw new Error(`seed ${seed}: ${JSON.stringify(raw)} differs`)
    }
    expect(exact).toBeGreaterThan(2_000)
  })

  it('see dots at the borders of blocks', () => {
    for (let shift = -4; shift <= 4; shift++) {
      const raw = `${'x'.repeat(32 * 1024 + shift)}\r\n.\r\n..y`
      expect(read(wire(Buffer.from(raw)), STRICT)).toEqual({ message: whole(raw), next: '' })
      const hostile = `${'x'.repeat(32 * 1024 + shift)}\n.\r\n+OK fake\r\n`
      for (const eol of LENIENT) expect(read(wire(Buffer.from(hostile)), eol).next).toBe('')
    }
  })
})

describe('the top of a message', () => {
  const top = (raw: string, lines: number) => raw.slice(0, topEnd(Buffer.from(raw), lines))
  it('is header, empty line and so many lines', () => {
    const raw = 'A: b\r\nC: d\r\n\r\n1\r\n2\r\n3'
    expect(top(raw, 0)).toBe('A: b\r\nC: d\r\n\r\n')
    expect(top(raw, 2)).toBe('A: b\r\nC: d\r\n\r\n1\r\n2\r\n')
    expect(top(raw, 3)).toBe(raw)
    expect(top(raw, 9_999_999_999)).toBe(raw)
    expect(top('A: b\nC: d\n\n1\n2\n', 1)).toBe('A: b\nC: d\n\n1\n')
    expect(top('\r\nbody\r\n', 0)).toBe('\r\n')
    expect(top('A: no body', 3)).toBe('A: no body')
    expect(top('', 3)).toBe('')
  })
})
