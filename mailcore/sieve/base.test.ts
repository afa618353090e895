// biome-ignore-all lint/suspicious/noTemplateCurlyInString: in Sieve that is a variable
import { describe, expect, it } from 'vitest'
import { brief, holds, runText, textAfter } from './testing'

type Row = [test: string, expected: boolean]

describe('tests of the base language (RFC 5228 5)', () => {
  it.each<Row>([
    ['true', true],
    ['false', false],
    ['not false', true],
    ['allof (true, true)', true],
    ['allof (true, false)', false],
    ['anyof (false, true)', true],
    ['anyof (false, false)', false],
    ['not anyof (false, allof (true, not true))', true],
    ['exists "subject"', true],
    ['exists "X-EMPTY"', true],
    ['exists ["subject", "x-nothing"]', false],
    ['exists ["From", "Date"]', true],
    // header
    ['header "x-caffeine" "c8h10n4o2"', true],
    ['header :is "X-Caffeine" ["", "C8H10N4O2"]', true],
    ['header :is "x-caffeine" ""', false],
    ['header :contains "x-caffeine" ""', true],
    ['header :contains "x-nothing" ""', false],
    ['header :is "x-empty" ""', true],
    ['header :contains "x-empty" ""', true],
    ['header :is ["x-nothing", "subject"] "i have a present for you"', true],
    ['header :comparator "i;octet" "subject" "i have a present for you"', false],
    ['header :comparator "i;octet" "subject" "I have a present for you"', true],
    ['header :is "subject" "I have a present for you "', false],
    ['header "x-folded" "one two\tthree"', true],
    ['header "x-encoded" "Grüße aus Wien"', true],
    ['header :contains "from" "Coyote"', true],
    ['header :contains "received" "c.example by"', true],
    // matches
    ['header :matches "subject" "I have*"', true],
    ['header :matches "subject" "*present*"', true],
    ['header :matches "subject" "*you"', true],
    ['header :matches "subject" "*yo"', false],
    ['header :matches "subject" "?"', false],
    ['header :matches "x-caffeine" "?8H10?4O?"', true],
    ['header :matches "x-caffeine" "?8H10?4O??"', false],
    ['header :matches "x-caffeine" "*4*?"', true],
    ['header :matches "x-empty" "*"', true],
    ['header :matches "x-empty" "?"', false],
    ['header :matches "x-empty" ""', true],
    ['header :matches "x-encoded" "Gr??e*"', true],
    // address
    ['address "from" "coyote+acme@desert.example.org"', true],
    ['address :all "from" "coyote"', false],
    ['address :localpart "from" "COYOTE+acme"', true],
    ['address :domain "from" "desert.example.ORG"', true],
    ['address :domain :contains "from" "example"', true],
    ['address "to" "sam+beep@acme.example.com"', true],
    ['address "cc" "bob@two.example"', true],
    ['address :is "from" "Coyote, Wile E."', false],
    ['address ["cc", "bcc"] ["x@y.z", "ann@one.example"]', true],
    ['address :comparator "i;octet" :domain "from" "desert.example.org"', false],
    ['address "bcc" ""', false],
    ['address :matches :localpart "to" "s?m*"', true],
  ])('%s is %s', async (test, expected) => {
    expect(await holds([], test)).toBe(expected)
  })

  it.each<[test: string, size: number, expected: boolean]>([
    ['size :over 100', 100, false],
    ['size :under 100', 100, false],
    ['size :over 100', 101, true],
    ['size :under 100', 99, true],
    ['size :over 1K', 1024, false],
    ['size :over 1K', 1025, true],
    ['size :under 1M', 1024 * 1024 - 1, true],
    ['size :over 4G', 2 ** 32 + 1, true],
  ])('%s of %d is %s', async (test, size, expected) => {
    expect(await holds([], test, { size })).toBe(expected)
  })

  it.each<[test: string, expected: boolean, from?: string]>([
    ['envelope "from" "tim@example.com"', true],
    ['envelope :all :is "FROM" "TIM@example.com"', true],
    ['envelope :localpart "to" "me+tag"', true],
    ['envelope :domain ["from", "to"] "example.org"', true],
    ['envelope :domain "from" "example.org"', false],
    ['envelope "from" ""', true, ''],
    ['envelope :localpart "from" ""', true, ''],
    ['envelope :domain "from" ""', true, ''],
    ['envelope :contains "from" ""', true, ''],
    ['envelope :contains "from" "tim"', false, ''],
  ])('%s is %s from %s', async (test, expected, from = 'tim@example.com') => {
    expect(await holds(['envelope'], test, { envelope: { from, to: ['me+tag@example.org'] } })).toBe(expected)
  })

  it.each<[what: string, header: string, test: string, expected: boolean]>([
    ['an address without a domain has no parts', 'To: someone', 'address :localpart "to" "someone"', false],
    ['an address without a domain as a whole', 'To: someone', 'address "to" "someone"', true],
    ['an address in a comment is none', 'To: a@b.c (x@y.z)', 'address "to" "x@y.z"', false],
    ['an address as a name is none', 'To: "x@y.z" <a@b.c>', 'address "to" "x@y.z"', false],
    ['a quoted local part', 'To: "a b"@c.d', 'address :localpart "to" "a b"', true],
    ['UTF-8 in an address', 'To: jörg@c.d', 'address "to" "jörg@c.d"', true],
    ['a header beyond the colon', 'Subject:no space', 'header "subject" "no space"', true],
    ['bytes that are no UTF-8', 'Subject: \u00e9', 'header :contains "subject" "é"', true],
  ])('%s', async (_, header, test, expected) => {
    expect(await holds([], test, { message: `${header}\r\n\r\nx` })).toBe(expected)
  })
})

describe('actions of the base language (RFC 5228 3 and 4)', () => {
  const HEAD = 'require ["fileinto", "copy", "reject", "ereject", "vacation", "imap4flags", "mailbox"];\n'
  it.each<[what: string, script: string, expected: string]>([
    ['nothing', '', '(keep)'],
    ['keep', 'keep;', 'keep'],
    ['keep twice', 'keep; keep;', 'keep'],
    ['discard', 'discard;', 'discard'],
    ['discard twice', 'discard; discard;', 'discard'],
    ['discard and keep', 'discard; keep;', 'keep'],
    ['stop', 'stop; discard;', '(keep)'],
    ['stop in a block', 'if true { if true { discard; stop; } } keep;', 'discard'],
    ['fileinto', 'fileinto "A";', 'fileinto A'],
    ['fileinto of two', 'fileinto "A"; fileinto "B";', 'fileinto A, fileinto B'],
    ['fileinto twice', 'fileinto "A"; fileinto "A";', 'fileinto A'],
    ['folders differ by case', 'fileinto "A"; fileinto "a";', 'fileinto A, fileinto a'],
    ['fileinto and keep', 'fileinto "A"; keep;', 'fileinto A, keep'],
    ['fileinto and discard', 'fileinto "A"; discard;', 'fileinto A'],
    ['fileinto INBOX is a keep once', 'keep; fileinto "inbox";', 'keep'],
    ['a copy', 'fileinto :copy "A";', 'fileinto A, (keep)'],
    ['a copy and discard', 'fileinto :copy "A"; discard;', 'fileinto A'],
    ['a copy into INBOX', 'fileinto :copy "INBOX";', '(keep)'],
    ['a copy, then the same', 'fileinto :copy "A"; fileinto "A";', 'fileinto A'],
    ['redirect', 'redirect "A@Example.ORG";', 'redirect a@example.org'],
    ['redirect of a copy', 'redirect :copy "a@b.example";', 'redirect a@b.example, (keep)'],
    ['redirect twice', 'redirect "a@b.example"; redirect "A@B.example";', 'redirect a@b.example'],
    ['redirect and keep', 'redirect "a@b.example"; keep;', 'redirect a@b.example, keep'],
    ['create', 'fileinto :create "A"; fileinto "A";', 'fileinto A create'],
    ['if', 'if true { fileinto "A"; } elsif true { fileinto "B"; } else { fileinto "C"; }', 'fileinto A'],
    ['elsif', 'if false { fileinto "A"; } elsif true { fileinto "B"; } else { fileinto "C"; }', 'fileinto B'],
    ['else', 'if false { fileinto "A"; } elsif false { fileinto "B"; } else { fileinto "C"; }', 'fileinto C'],
    ['two chains', 'if true { fileinto "A"; } if false {} else { fileinto "B"; }', 'fileinto A, fileinto B'],
    ['only the first true elsif', 'if false {} elsif true { keep; } elsif true { discard; }', 'keep'],
    // RFC 5429
    ['reject', 'reject "no";', 'reject no'],
    ['ereject', 'ereject "no";', 'ereject no'],
    ['reject and discard', 'discard; reject "no";', 'reject no'],
    [
      'reject twice',
      'reject "no"; reject "no";',
      'error 2: Only one "reject" or "ereject" may be carried out for a message',
    ],
    ['keep, then reject', 'keep; reject "no";', 'error 2: A message cannot be rejected when there is also a "keep"'],
    [
      'reject, then fileinto',
      'reject "no";\nfileinto "A";',
      'error 3: A message cannot be rejected when there is also a "fileinto"',
    ],
    [
      'redirect, then ereject',
      'redirect "a@b.example"; ereject "no";',
      'error 2: A message cannot be rejected when there is also a "redirect"',
    ],
    [
      'vacation, then reject',
      'vacation "away"; reject "no";',
      'error 2: A message cannot be rejected when there is also a "vacation"',
    ],
    ['vacation', 'vacation "away";', 'vacation 604800 away, (keep)'],
    ['vacation twice', 'vacation "a"; vacation "b";', 'error 2: Only one "vacation" may be carried out for a message'],
    ['vacation and discard', 'vacation "a"; discard;', 'vacation 604800 a'],
  ])('%s', async (_, script, expected) => {
    expect(brief(await runText(HEAD + script))).toBe(expected)
  })

  it('gives up all that was done before an error, and keeps the message', async () => {
    const outcome = await runText(`${HEAD}fileinto "A"; setflag "\\\\Seen"; discard;\n\nreject "no"; reject "no";`)
    expect(outcome).toEqual({
      actions: [],
      implicitKeep: true,
      keepFlags: null,
      error: { line: 4, message: expect.any(String) },
    })
  })

  it('lets a fault of its surroundings through, which is no fault of the script', async () => {
    const broken = { mailboxExists: () => Promise.reject(new Error('away')) }
    await expect(runText('require "mailbox"; if mailboxexists "x" {}', broken)).rejects.toThrow('away')
  })
})

describe('strings (RFC 5228 2.4.2)', () => {
  const HEAD = 'require "reject";\n'
  it.each<[what: string, script: string, expected: string]>([
    ['escapes', String.raw`reject "a\"b\\c\d";`, String.raw`a"b\cd`],
    ['line breaks stay', 'reject "a\r\nb";', 'a\r\nb'],
    ['a multi-line string', 'reject text:\r\na\r\n..b\r\n.c\r\n.\r\n;', 'a\r\n.b\r\n.c\r\n'],
    ['backslashes in a multi-line string', 'reject text:\na\\b"\n.\n;', 'a\\b"\n'],
    ['an empty multi-line string', 'reject text:\n.\n;', ''],
    ['comment signs in a string', 'reject "/* # */";', '/* # */'],
  ])('%s', async (_, script, expected) => {
    const outcome = await runText(HEAD + script)
    expect(outcome.actions).toEqual([{ kind: 'reject', reason: expected, protocolOnly: false }])
  })

  it.each<[text: string, expected: string]>([
    ['$${hex:40}', '$@'],
    ['${hex: 40 }', '@'],
    ['${HEX: 40}', '@'],
    ['${hex:40', '${hex:40'],
    ['${hex:400}', '${hex:400}'],
    ['${hex:4${hex:30}}', '${hex:40}'],
    ['${unicode:40}', '@'],
    ['${ unicode:40}', '${ unicode:40}'],
    ['${UNICODE:40}', '@'],
    ['${UnICoDE:0000040}', '${UnICoDE:0000040}'],
    ['${Unicode:40}', '@'],
    ['${Unicode:Cool}', '${Unicode:Cool}'],
    ['${unicode:200000', '${unicode:200000'],
    ['${hex:24 24}', '$$'],
    ['${hex:c3}${hex:bc}', 'ü'],
    ['${unicode:1F600 41}', '\u{1f600}A'],
    ['${unicode:}', '${unicode:}'],
  ])('encoded characters: %s is %s', async (text, expected) => {
    expect(await textAfter('require ["reject", "encoded-character"];', text)).toBe(expected)
  })
})
