import { describe, expect, it } from 'vitest'
import { holds } from './testing'

type Row = [test: string, expected: boolean]

describe('body (RFC 5173)', () => {
  const PARTS = [
    'From: a@b.example',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=outer',
    '',
    'the prologue',
    '--outer',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Gr=C3=BC=C3=9Fe and soft=',
    'broken',
    '--outer',
    'Content-Type: text/html',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('<p>make <b>money</b> now</p><script>secret</script>').toString('base64'),
    '--outer',
    'Content-Type: message/rfc822',
    '',
    'Subject: enclosed',
    '',
    'inner words',
    '--outer',
    'Content-Type: application/pdf',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('%PDF bytes').toString('base64'),
    '--outer--',
    'the epilogue',
    '',
  ].join('\r\n')

  it.each<Row>([
    ['body :contains "Grüße"', true],
    ['body :text :contains "softbroken"', true],
    ['body :contains "make money now"', true],
    ['body :contains "secret"', false],
    ['body :contains "%PDF"', false],
    ['body :contains "inner words"', true],
    ['body :contains "the prologue"', false],
    ['body :raw :contains "the prologue"', true],
    ['body :raw :contains "Gr=C3=BC"', true],
    ['body :raw :contains "Grüße"', false],
    ['body :raw :contains "MIME-Version"', false],
    ['body :raw :contains "Content-Type: text/plain"', true],
    ['body :content "text" :contains "Grüße"', true],
    ['body :content "text" :contains "<b>money</b>"', true],
    ['body :content "text/html" :contains "Grüße"', false],
    ['body :content ["TEXT/PLAIN"] :contains "Grüße"', true],
    ['body :content "text/plain" :contains "inner words"', true],
    ['body :content "application" :contains "%PDF bytes"', true],
    ['body :content "message/rfc822" :contains "enclosed"', true],
    ['body :content "message/rfc822" :contains "inner"', false],
    ['body :content "multipart" :contains "the prologue"', true],
    ['body :content "multipart" :contains "the epilogue"', true],
    ['body :content "multipart" :contains "Grüße"', false],
    ['body :content "" :contains "%PDF"', true],
    ['body :content "text/" :contains ""', false],
    ['body :content "/plain" :contains ""', false],
    ['body :content "text/plain/x" :contains ""', false],
    ['body :content "image" :contains ""', false],
    ['body :matches "*soft*"', true],
    ['body :regex "mon[a-z]y"', true],
    ['body :count "eq" :comparator "i;ascii-numeric" :content "text" "3"', true],
  ])('%s is %s', async (test, expected) => {
    const require = ['body', 'regex', 'relational', 'comparator-i;ascii-numeric']
    expect(await holds(require, test, { message: PARTS })).toBe(expected)
  })

  it('is the whole of a plain message', async () => {
    expect(await holds(['body'], 'body :contains "the whole anvil thing"')).toBe(true)
    expect(await holds(['body'], 'body :raw :is "x"', { message: 'A: b\r\n\r\nx' })).toBe(true)
    expect(await holds(['body'], 'body :raw :contains "A"', { message: 'A: b' })).toBe(false)
  })
})
