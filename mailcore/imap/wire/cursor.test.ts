import { describe, expect, it } from 'vitest'
import { BadSyntax, Cursor } from './cursor'
import { formatDateTime } from './format'

const on = (text: string) => new Cursor([text])

describe('spaces', () => {
  it('takes more of them than the grammar has, between arguments, in lists and at the end', () => {
    const cursor = on('  a   ( b  c )  ')
    cursor.space()
    expect(cursor.atom()).toBe('a')
    cursor.space()
    expect(cursor.list(() => cursor.atom())).toEqual(['b', 'c'])
    expect(cursor.more()).toBe(false)
    cursor.end()
  })

  it('still asks for one where one must stand, and for what belongs in a list', () => {
    expect(() => on('a').space()).toThrow(BadSyntax)
    for (const text of ['(a', '(a b', '(a"b")', '(a(b))', 'a)', '( ']) {
      const cursor = on(text)
      expect(() => cursor.list(() => cursor.atom())).toThrow(BadSyntax)
    }
    expect(on('( )').list(() => 1)).toEqual([])
    expect(() => on('  x').end()).toThrow(BadSyntax)
  })
})

describe('flags', () => {
  it('are the system flags in any case, and keywords', () => {
    for (const flag of ['\\Seen', '\\DELETED', '\\draft', 'kw', '$Junk', 'recent']) expect(on(flag).flag()).toBe(flag)
  })

  it.each(['\\Recent', '\\Foo', '\\*', '\\', '\\Seenx', 'a(b', '"kw"'])('are not %s', (text) => {
    const cursor = on(text)
    expect(() => {
      cursor.flag()
      cursor.end()
    }).toThrow(BadSyntax)
  })
})

describe('date-time', () => {
  it('takes a day of one digit with its space and without', () => {
    for (const day of [' 1', '01', '1'])
      expect(on(`"${day}-Jan-2024 10:00:00 +0100"`).dateTime().toISOString()).toBe('2024-01-01T09:00:00.000Z')
    for (const day of ['0', '32', '001', '  1', '']) {
      expect(() => on(`"${day}-Jan-2024 10:00:00 +0100"`).dateTime()).toThrow(BadSyntax)
    }
  })

  it('is written with two digits for the day', () => {
    expect(formatDateTime(Date.UTC(2024, 0, 1, 9))).toBe('"01-Jan-2024 09:00:00 +0000"')
  })
})
