import { describe, expect, it } from 'vitest'
import { readCapabilities } from './capabilities'
import { isWireAddress, mailCommand } from './commands'
import { enhancedOf, ReplyParser, replyText } from './reply'
import { canonicalBytes, dataPieces } from './wire-bytes'

const parse = (...chunks: string[]) => {
  const parser = new ReplyParser()
  return chunks.flatMap((chunk) => parser.push(Buffer.from(chunk, 'latin1')))
}

describe('a reply', () => {
  it('is read whole, however its bytes come', () => {
    expect(parse('250-a', '\r\n250 ', 'b\r', '\n354 go\r\n')).toEqual([
      { code: 250, lines: ['a', 'b'] },
      { code: 354, lines: ['go'] },
    ])
    expect(parse('250\r\n')).toEqual([{ code: 250, lines: [''] }])
  })
  it.each([
    ['no code', 'hello\r\n'],
    ['a code beyond SMTP', '650 x\r\n'],
    ['a code that changes within it', '250-a\r\n550 b\r\n'],
    ['a line without end', 'x'.repeat(5_000)],
    ['a long line', `250 ${'x'.repeat(5_000)}\r\n`],
    ['more lines than any server has', '250-a\r\n'.repeat(200)],
  ])('with %s is none', (_, text) => {
    expect(() => parse(text)).toThrow()
  })
  it('gives its status only where that agrees with its code', () => {
    expect(enhancedOf({ code: 550, lines: ['5.1.1 no'] })).toBe('5.1.1')
    expect(enhancedOf({ code: 550, lines: ['4.1.1 no'] })).toBe('5.0.0')
    expect(enhancedOf({ code: 450, lines: ['no 4.2.1'] })).toBe('4.0.0')
    expect(replyText({ code: 550, lines: ['5.1.1 a', 'b'] })).toBe('550 5.1.1 a b')
  })
})

describe('what goes on the wire', () => {
  it('has no bare CR, bare LF or NUL, and ends its last line (S-02)', () => {
    const wire = (text: string) => canonicalBytes(Buffer.from(text, 'latin1')).toString('latin1')
    expect(wire('a\nb\rc\r\nd\0e')).toBe('a\r\nb\r\nc\r\nde\r\n')
    expect(wire('a\r\r\n.\r\n')).toBe('a\r\n\r\n.\r\n')
    const good = Buffer.from('a\r\n.b\r\n')
    expect(canonicalBytes(good)).toBe(good)
  })
  it('has its dots doubled, wherever a neighbour could see the end (RFC 5321 4.5.2)', () => {
    const data = (text: string) => Buffer.concat(dataPieces(Buffer.from(text))).toString()
    expect(data('.\r\n..\r\na.b\r\n.c\r\n')).toBe('..\r\n...\r\na.b\r\n..c\r\n.\r\n')
    expect(data('')).toBe('.\r\n')
  })
  it('names only what the server has offered', () => {
    const one = {
      sender: 'ä@our.test',
      recipients: [],
      message: Buffer.from('x\r\n'),
      smtpUtf8: true,
      eightBit: true,
      ret: 'full',
      envid: 'E=1',
      requireTls: true,
    } as const
    const offer = (...lines: string[]) => mailCommand(one, readCapabilities({ code: 250, lines: ['mx', ...lines] }))
    expect(offer()).toBe('MAIL FROM:<ä@our.test>\r\n')
    expect(offer('size 10', 'DSN', 'smtputf8', '8BITMIME', 'REQUIRETLS')).toBe(
      'MAIL FROM:<ä@our.test> SIZE=3 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=E+3D1 REQUIRETLS\r\n',
    )
  })
  it('takes no address that ends a line or the brackets (S-09)', () => {
    expect(['a@b', 'ü@b'].every(isWireAddress)).toBe(true)
    expect(['a@b\r\nDATA', 'a> <b', 'a@b\u2028', 'a b@c'].some(isWireAddress)).toBe(false)
  })
})
