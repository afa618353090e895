// biome-ignore-all lint/suspicious/noTemplateCurlyInString: in Sieve that is a variable
import { describe, expect, it } from 'vitest'
import { compileScript } from './compile'
import { SIEVE_EXTENSIONS } from './extensions'
import { SIEVE_LIMITS } from './limits'
import { brief, runText } from './testing'

const A = 'a'.repeat(900_000)

describe('what would never end', () => {
  it.each<[what: string, script: string, message: string, expected: RegExp]>([
    [
      'a regular expression that explodes',
      'require "regex"; if header :regex "subject" "^(a|aa)+$" { discard; }',
      `Subject: ${'a'.repeat(5_000)}!`,
      /^\(keep\)$/,
    ],
    [
      'a large expression on a long text',
      'require "regex"; if header :regex "subject" "(a?){100}a{100}b" {}',
      `Subject: ${A}`,
      /too much work/,
    ],
    [
      'wildcards that fit everywhere',
      `if header :matches "subject" "*${'?a'.repeat(10_000)}b*" {}`,
      `Subject: ${A}`,
      /too much work/,
    ],
    [
      'a long key that almost fits',
      `if header :contains "subject" "${'a'.repeat(60_000)}b" { discard; }`,
      `Subject: ${A}`,
      /^\(keep\)$/,
    ],
    [
      'many stars',
      `if header :matches "subject" "${'*a'.repeat(20_000)}b" { discard; }`,
      `Subject: ${A}`,
      /^\(keep\)$/,
    ],
    ['too many steps', `require "include"; ${'include "a";'.repeat(40)}`, 'A: b', /too many steps/],
    [
      'a list of swollen strings',
      `require "variables"; set "a" "${'x'.repeat(4_000)}"; if string [${'"${a}${a}${a}${a}",'.repeat(9_000)}""] "y" {}`,
      'A: b',
      /too long altogether/,
    ],
    [
      'the same body searched again and again',
      `require "body"; ${'if body :raw :contains "b" {}'.repeat(5_000)}`,
      `A: b\n\n${A}`,
      /too much work/,
    ],
  ])('%s', async (_, script, message, expected) => {
    const scripts = { a: 'if true {}'.repeat(5_000) }
    expect(brief(await runText(script, { message: `${message}\r\n\r\n`, scripts }))).toMatch(expected)
  })

  it('gives the loop back meanwhile', async () => {
    let turns = 0
    let running = true
    const tick = () => {
      turns++
      if (running) setImmediate(tick)
    }
    setImmediate(tick)
    const script = 'require ["regex"]; if header :regex "subject" "(a*)*b" {}'
    await runText(script, { message: `Subject: ${A}\r\n\r\n` })
    running = false
    expect(turns).toBeGreaterThan(5)
  })
})

describe('messages that strangers made', () => {
  it.each<[what: string, message: string]>([
    ['a header of ten megabytes', `${'X-Long: y\r\n'.repeat(1_000_000)}\r\nbody`],
    ['one field of ten megabytes', `Subject: ${'a'.repeat(10_000_000)}\r\n\r\nbody`],
    [
      'a hundred thousand parts',
      `Content-Type: multipart/mixed; boundary=x\r\n\r\n${'--x\r\n\r\nhello\r\n'.repeat(100_000)}--x--`,
    ],
    [
      'multiparts in multiparts',
      Array.from({ length: 2_000 }, (_, i) => `Content-Type: multipart/mixed; boundary=x${i}\r\n\r\n--x${i}\r\n`).join(
        '',
      ),
    ],
    ['messages in messages', 'Content-Type: message/rfc822\r\n\r\n'.repeat(5_000)],
    ['a hundred thousand addresses', `To: ${'a@b.example, '.repeat(100_000)}\r\n\r\n`],
    ['comments in comments', `To: ${'('.repeat(100_000)}\r\nDate: ${'('.repeat(100_000)}\r\n\r\n`],
    ['encoded words without end', `Subject: ${'=?utf-8?q?'.repeat(50_000)}\r\n\r\n`],
    [
      'marks piled on a letter',
      `Subject: a${'\u0301\u0323'.repeat(100_000)}\r\n\r\na${'\u0301\u0323'.repeat(300_000)}`,
    ],
    ['tags that never close', `Content-Type: text/html\r\n\r\n${'<'.repeat(500_000)}`],
    ['nothing at all', ''],
    ['zeros', '\0'.repeat(100_000)],
  ])('%s', async (_, message) => {
    const script = `require ["body", "date", "envelope", "comparator-i;unicode-casemap", "fileinto", "variables", "duplicate"];
      if anyof (header :contains ["subject", "x-long"] "zzz", address "to" "zzz@b.example", exists "x-none",
        date "date" "year" "1800", body :contains "zzz", body :content "" :contains "zzz", body :raw :contains "zzz",
        header :comparator "i;unicode-casemap" :matches "subject" "*zzz*", duplicate) { discard; }
      elsif body :comparator "i;unicode-casemap" :contains "zzz" { stop; } else { fileinto "end"; }`
    expect(brief(await runText(script, { message }))).toBe('fileinto end')
  })
})

describe('limits', () => {
  it('allows four redirects', async () => {
    const some = (count: number) => Array.from({ length: count }, (_, i) => `redirect "a${i}@b.example";`).join('\n')
    expect((await runText(some(SIEVE_LIMITS.redirects))).actions).toHaveLength(4)
    expect(brief(await runText(some(5)))).toBe('error 5: Too many redirects: at most 4 addresses are allowed')
  })

  it('allows so many folders', async () => {
    const some = (count: number) =>
      `require "fileinto";${Array.from({ length: count }, (_, i) => `fileinto "${i}";`).join('')}`
    expect((await runText(some(32))).actions).toHaveLength(32)
    expect(brief(await runText(some(33)))).toMatch(/Too many fileintos/)
  })

  it('allows so many flags', async () => {
    const flags = Array.from({ length: 500 }, (_, i) => `f${i}`).join(' ')
    const outcome = await runText(`require "imap4flags"; setflag "${flags}";`)
    expect(outcome.keepFlags).toHaveLength(SIEVE_LIMITS.flags)
  })
})

describe('fuzz', () => {
  const SEEDS = [
    `require ["fileinto", "copy", "imap4flags", "variables", "regex", "relational", "comparator-i;ascii-numeric"];
     if allof (header :matches "subject" "*a*", not address :domain "from" ["x.example", "y"]) {
       set :upperfirst "v" "\${1}"; addflag "$A"; fileinto :copy :flags "\${v}" "L/\${v}"; }
     elsif size :over 10K { redirect "a@b.example"; } else { keep; stop; }
     if header :regex "subject" "(a|b)*[[:alpha:]]{1,3}" { discard; }
     if header :value "ge" :comparator "i;ascii-numeric" ["x-spam-score"] ["5"] { keep; }`,
    `require ["vacation", "date", "index", "body", "envelope", "subaddress", "duplicate", "environment", "include",
     "mailbox", "special-use", "ihave", "reject", "encoded-character"];
     if currentdate :zone "+0100" :is "hour" "12" { vacation :days 7 :subject "x" :addresses ["a@b.example"] text:
Away.
..
.
; }
     if anyof (body :content "text" :contains "a", envelope :detail "to" "x", duplicate :seconds 5 :handle "h") {
       include :optional :once "a"; if ihave "foo" { foo; } }
     if date :index 1 :last "received" "year" "2003" { reject "\${hex:41}\${unicode:42}"; }
     if mailboxexists ["a"] { stop; } if environment "phase" "post" { return; } /* c */ # d`,
  ]

  it('never throws, always ends, and says what is wrong by line', async () => {
    const seed = Number(process.env.SIEVE_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
    console.info(`SIEVE_FUZZ_SEED=${seed}`)
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const words = [
      ...SEEDS.join(' ').split(/\s+/),
      ...SIEVE_EXTENSIONS.map((one) => `"${one}"`),
      '(',
      ')',
      '{',
      '}',
      '[',
      ']',
      ';',
      ',',
      '"',
      '${',
      '}',
      ':',
      '\\',
      '\0',
      '/*',
      'text:\n',
      '99999999999',
    ]
    const mutate = (text: string): string => {
      const at = random(text.length)
      switch (random(5)) {
        case 0:
          return text.slice(0, at) + text.slice(at + random(12))
        case 1:
          return `${text.slice(0, at)}${words[random(words.length)]}${text.slice(at)}`
        case 2:
          return `${text.slice(0, at)}${text.slice(at, at + random(60)).repeat(1 + random(3))}${text.slice(at)}`
        case 3:
          return text.slice(0, at) + String.fromCharCode(random(0x180)) + text.slice(at + 1)
        default:
          return text.replace(words[random(words.length)] ?? '', words[random(words.length)] ?? '')
      }
    }
    let compiledCount = 0
    for (let round = 0; round < 4_000; round++) {
      let text = SEEDS[random(SEEDS.length)] ?? ''
      for (let i = random(round % 4 === 0 ? 12 : 2); i >= 0; i--) text = mutate(text)
      const compiled = compileScript(text)
      if (!compiled.ok) {
        const lines = text.split('\n').length
        for (const { line, message } of compiled.errors) {
          expect(line, `seed ${seed} round ${round}`).toBeGreaterThan(0)
          expect(line, `seed ${seed} round ${round}`).toBeLessThanOrEqual(lines)
          expect(message).not.toBe('')
        }
        continue
      }
      compiledCount++
      const outcome = await runText(text)
      expect(outcome.error === undefined || (outcome.implicitKeep && outcome.actions.length === 0)).toBe(true)
      expect(outcome.implicitKeep || outcome.actions.length > 0, `seed ${seed} round ${round}: mail is lost`).toBe(true)
    }
    expect(compiledCount).toBeGreaterThan(100)
  })
})
