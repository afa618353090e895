import { describe, expect, it } from 'vitest'
import { allValues, decodeWords, fieldText, firstValue, readHeader } from './header'

const read = (text: string) => readHeader(Buffer.from(text))

describe('readHeader', () => {
  it('splits fields, unfolds values and finds the body', () => {
    const raw = 'Subject: one\r\n two\r\nX:\r\nReceived: a\r\nReceived: b\r\n\r\nbody\r\n'
    const header = read(raw)
    expect(firstValue(header, 'subject')).toBe('one two')
    expect(firstValue(header, 'x')).toBe('')
    expect(allValues(header, 'received')).toEqual(['a', 'b'])
    expect(raw.slice(header.bodyStart)).toBe('body\r\n')
  })

  it('reads bare LF, an empty header and a message without a body', () => {
    expect(read('A: 1\n\nbody').bodyStart).toBe(6)
    expect(read('A: 1\n\nbody\r\n\r\nx').bodyStart).toBe(6)
    expect(read('\r\nbody')).toMatchObject({ bodyStart: 2, fields: [] })
    expect(read('A: 1')).toMatchObject({ bodyStart: 4 })
    expect(read('').fields).toEqual([])
  })

  it('reads "From :" as From, and skips lines that are no field', () => {
    const header = read('From a@b Mon\r\nFrom : x@y.test\r\nrubbish\r\n more: y\r\nTo: z\r\n\r\n')
    expect(header.fields.map((field) => field.name)).toEqual(['from', 'to'])
  })

  it('treats names that JavaScript objects own as any other (CVE-2026-34752)', () => {
    const header = read('__proto__: a\r\nconstructor: b\r\ntoString: c\r\nhasOwnProperty: d\r\n\r\n')
    expect(firstValue(header, '__proto__')).toBe('a')
    expect(firstValue(header, 'constructor')).toBe('b')
    expect(firstValue(header, 'valueof')).toBeUndefined()
  })

  it('bounds 100,000 fields, one field of 10 MB and lines without a colon', () => {
    expect(read('a: b\r\n'.repeat(100_000)).fields).toHaveLength(100_000)
    expect(read(`a: ${'x'.repeat(10_000_000)}\r\n\r\n`).text.length).toBe(1024 * 1024)
    expect(read('x\r\n'.repeat(300_000)).fields).toEqual([])
    expect(read(`a: b${'\r\n c'.repeat(200_000)}\r\n\r\n`).fields).toHaveLength(1)
  })
})

describe('decodeWords', () => {
  it.each([
    ['=?utf-8?q?caf=C3=A9_x?=', 'caf\u00e9 x'],
    ['=?UTF-8?B?w6k=?= =?utf-8?b?w6k=?=', '\u00e9\u00e9'],
    ['a =?iso-8859-1?q?=E9?= b', 'a \u00e9 b'],
    ['=?utf-8?q?=C3?= =?utf-8?q?=A9?=', '\u00e9'],
    ['=?iso-2022-jp?b?GyRCJCIbKEI=?=', '\u3042'],
    ['=?utf-8*en?q?x?=', 'x'],
    ['=?unknown-x?q?abc?=', 'abc'],
    ['=?utf-7?q?+ADw-?=', '+ADw-'],
    ['plain =? text', 'plain =? text'],
    [Buffer.from('na\u00efve').toString('latin1'), 'na\u00efve'],
    ['\xe9t\xe9', '\u00e9t\u00e9'],
  ])('%s', (value, text) => {
    expect(decodeWords(value)).toBe(text)
  })

  it('keeps a UTF-8 letter whose last byte is 0xA0', () => {
    expect(fieldText(read('Subject: voil\u00e0\r\n\r\n'), 'subject')).toBe('voil\u00e0')
  })

  it('reads 20,000 encoded words and endless starts of one (P-07)', () => {
    expect(decodeWords('=?utf-8?q?a?= '.repeat(20_000)).trim()).toBe('a'.repeat(20_000))
    expect(decodeWords('=?a?q?'.repeat(100_000)).length).toBe(600_000)
  })
})
