import { describe, expect, it } from 'vitest'
import { describeMessage } from './describe'
import { leavesOf, parseMessage, partAt } from './parse'
import { textOf } from './text'

const describeText = (text: string) => describeMessage(Buffer.from(text))
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n`

/** Parses a whole IMAP value, so that a test sees when parentheses, quotes or literals do not close. */
function balanced(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) {
        if (text[i] === '\\') i++
        if (!/[ -~]/.test(text[i] ?? '')) return false
      }
    } else if (c === '{') {
      const literal = /^\{(\d+)\}\r\n/.exec(text.slice(i, i + 20))
      if (!literal) return false
      i += literal[0].length + Number(literal[1]) - 1
    } else if (c === '\r' || c === '\n' || c === '\0') return false
    if (depth < 0) return false
  }
  return depth === 0
}

describe('envelope', () => {
  it('renders RFC 9051 7.5.2, sender and reply-to from From', () => {
    expect(
      describeText(
        lines(
          'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
          'From: Terry Gray <gray@cac.washington.edu>',
          'Subject: IMAP4rev2 "WG" \\ mtg',
          'To: imap@cac.washington.edu',
          'cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>',
          'Message-Id: <B27397-0100000@cac.washington.edu>',
          '',
          'x',
        ),
      ).envelope,
    ).toBe(
      '("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 \\"WG\\" \\\\ mtg" ' +
        '(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ' +
        '(("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ' +
        '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL ' +
        '"<B27397-0100000@cac.washington.edu>")',
    )
  })

  it('renders groups, empty fields, raw encoded words and 8-bit as a literal', () => {
    const { envelope } = describeText(
      lines(
        'From: =?utf-8?q?=C3=A9?= <e@x.test>',
        'Sender:',
        'To: Us: a@b.test, c@d.test;',
        'Cc: undisclosed:;',
        'Subject: \u00e9',
        '',
        '',
      ),
    )
    expect(envelope).toContain('("=?utf-8?q?=C3=A9?=" NIL "e" "x.test")')
    expect(envelope).toContain('((NIL NIL "Us" NIL)(NIL NIL "a" "b.test")(NIL NIL "c" "d.test")(NIL NIL NIL NIL))')
    expect(envelope).toContain('((NIL NIL "undisclosed" NIL)(NIL NIL NIL NIL))')
    expect(envelope).toContain('{2}\r\n\xc3\xa9')
    expect(envelope.startsWith('(NIL ')).toBe(true)
    expect(balanced(envelope)).toBe(true)
  })
})

const mixed = lines(
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  'preamble',
  '--b',
  'Content-Type: multipart/alternative; boundary=b2',
  '',
  '--b2',
  'Content-Type: text/plain; charset=utf-8; format=flowed',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'caf=C3=A9 plain',
  '--b2',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>caf&eacute; <b>html</b></p>',
  '--b2--',
  '',
  '--b',
  'Content-Type: application/pdf; name="a.pdf"',
  "Content-Disposition: attachment; filename*=utf-8''%C3%A9.pdf",
  'Content-Transfer-Encoding: BASE64',
  'Content-ID: <c@x>',
  'Content-Language: en, de',
  '',
  'AAAA',
  '--b',
  'Content-Type: message/rfc822',
  '',
  'Subject: inner',
  '',
  'inner body',
  '--b--',
  'epilogue',
)

describe('bodystructure', () => {
  it('renders text without a Content-Type', () => {
    expect(describeText(lines('Subject: x', '', 'a', 'b')).bodystructure).toBe(
      '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 2 NIL NIL NIL NIL)',
    )
  })

  it('renders nested multiparts, an attachment and an enclosed message', () => {
    expect(describeText(mixed).bodystructure).toBe(
      '((("text" "plain" ("charset" "utf-8" "format" "flowed") NIL NIL "quoted-printable" 15 0 NIL NIL NIL NIL)' +
        '("text" "html" ("charset" "utf-8") NIL NIL "7bit" 30 0 NIL NIL NIL NIL) "alternative" ("boundary" "b2") NIL NIL NIL)' +
        '("application" "pdf" ("name" "a.pdf") "<c@x>" NIL "base64" 4 NIL ("attachment" ("filename*" "utf-8\'\'%C3%A9.pdf")) ("en" "de") NIL)' +
        '("message" "rfc822" NIL NIL NIL "7bit" 28 (NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) ' +
        '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)' +
        ' "mixed" ("boundary" "b") NIL NIL NIL)',
    )
  })

  it('names the same spans by section number', () => {
    const raw = Buffer.from(mixed)
    const root = parseMessage(raw)
    const body = (...path: number[]) => {
      const part = partAt(root, path)
      return part ? raw.toString('latin1', part.bodyStart, part.end) : null
    }
    expect(body(1, 1)).toBe('caf=C3=A9 plain')
    expect(body(2)).toBe('AAAA')
    expect(body(3)).toBe('Subject: inner\r\n\r\ninner body')
    expect(body(3, 1)).toBe('inner body')
    expect(body(3, 1, 1)).toBeNull()
    expect(body(3, 2)).toBeNull()
    expect(body(4)).toBeNull()
    expect(body(2, 1)).toBeNull()
    const plain = parseMessage(Buffer.from('A: b\r\n\r\nx'))
    expect(partAt(plain, [1])).toBe(plain)
    expect(partAt(plain, [1, 1])).toBeNull()
  })

  it('finds text, attachment names and the first words', () => {
    const found = textOf(Buffer.from(mixed))
    expect(found.text).toContain('caf\u00e9 plain')
    expect(found.text).toContain('caf\u00e9 html')
    expect(found.text).toContain('inner body')
    expect(found.attachmentNames).toEqual(['\u00e9.pdf'])
    expect(describeText(mixed).preview).toBe('caf\u00e9 plain')
  })
})

describe('kept header', () => {
  it('keeps the listed fields as they stand and says whether all fitted', () => {
    expect(describeText('X: 1\r\nSubject: a\r\n b\r\nDKIM-Signature: x\r\nFrom: c\r\n\r\n').header).toBe(
      'Subject: a\r\n b\r\nFrom: c\r\n\r\n',
    )
    const cut = describeText(`To: ${'a@b.test, '.repeat(5_000)}c@d.test\r\nSubject: s\r\n\r\n`).header
    expect(cut).toBe('Subject: s\r\n')
  })
})

const nested = (depth: number) => {
  let head = ''
  for (let i = 0; i < depth; i++) head += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`
  return head
}

describe('hostile input', () => {
  const random = (seed: number) => {
    let x = seed
    return () => {
      x = (x * 1103515245 + 12345) & 0x7fffffff
      return x
    }
  }
  const cases: [string, string][] = [
    ['empty', ''],
    ['only a line break', '\r\n'],
    ['20,000 levels of multipart (P-01)', nested(20_000)],
    ['2,000 enclosed messages (P-02)', 'Content-Type: message/rfc822\r\n\r\n'.repeat(2_000)],
    ['100,000 parts (P-03)', `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(100_000)}`],
    ['header of 100,000 fields (P-04)', 'Subject: x\r\n'.repeat(100_000)],
    ['10 MB subject (P-04)', `Subject: ${'x'.repeat(10_000_000)}\r\n\r\nbody`],
    ['50,000 addresses (P-05)', `From: ${'"a" <a@b.test>, '.repeat(50_000)}\r\n\r\n`],
    ['20,000 parameters (P-06)', `Content-Type: text/plain; ${'name*1*=x; '.repeat(20_000)}\r\n\r\nx`],
    ['holes in continuations (P-06)', "Content-Type: text/plain; name*0*=utf-8''a; name*2=c; name*1000000=z\r\n\r\nx"],
    [
      'bad charsets (P-07)',
      'Content-Type: text/plain; charset="\\\\x-\xff"\r\nSubject: =?\xff?q?=ff?=\r\n\r\n\xff\xfe',
    ],
    ['empty boundary (P-08)', 'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n'],
    ['70,000 character boundary (P-08)', `Content-Type: multipart/mixed; boundary=${'b'.repeat(70_000)}\r\n\r\nx`],
    ['lines of dashes (P-08)', `Content-Type: multipart/mixed; boundary="-"\r\n\r\n${'--\r\n---\r\n'.repeat(100_000)}`],
    [
      'boundary that only begins lines (P-08)',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--bx\r\n'.repeat(200_000)}`,
    ],
    ['quoted CR in boundary (P-08)', 'Content-Type: multipart/mixed; boundary="a\\\rb"\r\n\r\n--a\r\n\r\nx'],
    [
      'names of Object.prototype (P-09)',
      '__proto__: 1\r\nContent-Type: text/plain; __proto__=x; constructor=y\r\n\r\nx',
    ],
    ['a megabyte of < (P-10)', `Content-Type: text/html\r\n\r\n${'<'.repeat(1_000_000)}`],
    ['200,000 divs (P-10)', `Content-Type: text/html\r\n\r\n${'<div>'.repeat(200_000)}`],
    ['unclosed tags and styles (P-10)', `Content-Type: text/html\r\n\r\n${'<a<style'.repeat(100_000)}`],
    ['unclosed comments (P-10)', `Content-Type: text/html\r\n\r\n${'<!--'.repeat(200_000)}`],
    ['garbage base64 (P-11)', `Content-Transfer-Encoding: base64\r\n\r\n${'=*\xff'.repeat(100_000)}`],
    [
      'two content types (P-12)',
      'Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--',
    ],
    ['NUL and 8-bit everywhere', 'Subject: \0\xff\r\nFrom: "\0" <\xff@\0>\r\nContent-Type: \0/\xff; a=\0\r\n\r\n\0'],
    ['bare CR in fields', 'Subject: a\rb\r\nFrom: a\r@b.test\r\n\r\nx'],
  ]

  it.each(cases)('%s', (_, text) => {
    const raw = Buffer.from(text, 'latin1')
    const meta = describeMessage(raw)
    expect(balanced(meta.envelope)).toBe(true)
    expect(balanced(meta.bodystructure)).toBe(true)
    expect(meta.header.length).toBeLessThanOrEqual(16 * 1024 + 2)
    expect(meta.preview.length).toBeLessThanOrEqual(200)
    expect(() => textOf(raw)).not.toThrow()
  })

  it('never grants more than mimeParts parts in all', () => {
    const inner = (b: string, fill: string) =>
      `Content-Type: multipart/mixed; boundary=${b}\r\n\r\n${`--${b}\r\n${fill}\r\n`.repeat(400)}--${b}--\r\n`
    const raw = Buffer.from(inner('o', inner('i', '\r\nx')))
    expect([...leavesOf(parseMessage(raw))].length).toBeLessThanOrEqual(1_000)
  })

  it('keeps every byte of the body in some part when the parts are too many', () => {
    const raw = Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(3_000)}`)
    const parts = parseMessage(raw).children
    expect(parts.at(-1)?.end).toBe(raw.length)
  })

  it('survives mutations of an honest message', () => {
    const next = random(7)
    for (let round = 0; round < 400; round++) {
      const raw = Buffer.from(mixed)
      for (let i = 0; i < 12; i++) raw[next() % raw.length] = next() & 0xff
      const meta = describeMessage(raw.subarray(0, next() % raw.length))
      expect(balanced(meta.envelope) && balanced(meta.bodystructure)).toBe(true)
      textOf(raw)
    }
  })
})

describe('what BODYSTRUCTURE adds', () => {
  it('names the charset of text that names none, whatever else it names', () => {
    const of = (type: string) => describeText(lines(`Content-Type: ${type}`, '', 'x')).bodystructure
    expect(of('text/plain; name="a"')).toMatch(/^\("text" "plain" \("name" "a" "charset" "us-ascii"\) /)
    expect(of('text/html; charset=utf-8')).toMatch(/^\("text" "html" \("charset" "utf-8"\) /)
    expect(of('image/png; name="a"')).toMatch(/^\("image" "png" \("name" "a"\) /)
  })

  it('writes one language as it writes several: in a list', () => {
    const of = (value: string) => describeText(lines(`Content-Language: ${value}`, '', 'x')).bodystructure
    expect(of('en')).toMatch(/ NIL NIL \("en"\) NIL\)$/)
    expect(of('en, de')).toMatch(/ NIL NIL \("en" "de"\) NIL\)$/)
    expect(of(' , ')).toMatch(/ NIL NIL NIL NIL\)$/)
  })
})
