// biome-ignore-all lint/suspicious/noTemplateCurlyInString: in Sieve that is a variable
import { describe, expect, it } from 'vitest'
import { brief, envOf, holds, runText, textAfter } from './testing'

type Row = [test: string, expected: boolean]

describe('relational (RFC 5231) and numbers (RFC 4790 9.1)', () => {
  const REQUIRE = ['relational', 'comparator-i;ascii-numeric', 'envelope', 'imap4flags', 'body']
  const NUMBER = ':comparator "i;ascii-numeric"'
  it.each<Row>([
    [`header :value "gt" ${NUMBER} "x-spam-score" "9"`, true],
    [`header :value "gt" ${NUMBER} "x-spam-score" "12"`, false],
    [`header :value "ge" ${NUMBER} "x-spam-score" "12"`, true],
    [`header :value "lt" ${NUMBER} "x-spam-score" "012"`, false],
    [`header :value "le" ${NUMBER} "x-spam-score" "012"`, true],
    [`header :value "ne" ${NUMBER} "x-spam-score" "12"`, false],
    [`header :is ${NUMBER} "x-spam-score" "0012"`, true],
    [`header :is ${NUMBER} "subject" "words"`, true],
    [`header :value "gt" ${NUMBER} "subject" "99999999999999999999"`, true],
    ['header :value "lt" "subject" "J"', true],
    ['header :value "gt" "subject" "h"', true],
    ['header :value "eq" :comparator "i;octet" "subject" "i have a present for you"', false],
    [`header :count "eq" ${NUMBER} "received" "2"`, true],
    [`header :count "ge" ${NUMBER} ["received", "subject"] "3"`, true],
    [`header :count "eq" ${NUMBER} "x-nothing" "0"`, true],
    [`address :count "eq" ${NUMBER} ["to", "cc"] "4"`, true],
    [`address :count "gt" ${NUMBER} "to" ["5", "1"]`, true],
    [`envelope :count "eq" ${NUMBER} "to" "1"`, true],
    [`header :value "ge" ${NUMBER} "x-nothing" "0"`, false],
  ])('%s is %s', async (test, expected) => {
    expect(await holds(REQUIRE, test)).toBe(expected)
  })

  it('counts no null reverse-path', async () => {
    const given = { envelope: { from: '', to: ['a@b.example'] } }
    expect(await holds(REQUIRE, `envelope :count "eq" ${NUMBER} "from" "0"`, given)).toBe(true)
  })
})

describe('i;unicode-casemap (RFC 5051)', () => {
  it.each<Row>([
    ['header :is "x-encoded" "GRÜßE AUS WIEN"', true],
    ['header :contains "x-encoded" "GRU\u0308"', true],
    ['header :matches "x-encoded" "GR*E AUS *"', true],
    ['string "ΣΟΦΟΣ" "σοφος"', true],
    ['string "ς" "σ"', true],
    ['string "\ufb01" "FI"', true],
    ['string :matches "abc" "\uff0a"', false],
    ['string :matches "\uff0a" "\uff0a"', true],
  ])('%s is %s', async (test, expected) => {
    const tagged = test.replace(/^(\w+)/, '$1 :comparator "i;unicode-casemap"')
    expect(await holds(['variables', 'comparator-i;unicode-casemap'], tagged)).toBe(expected)
  })

  it('leaves other letters alone under i;ascii-casemap', async () => {
    expect(await holds(['variables'], 'string "Ä" "ä"')).toBe(false)
  })
})

describe('subaddress (RFC 5233)', () => {
  it.each<Row>([
    ['address :user "from" "coyote"', true],
    ['address :detail "from" "acme"', true],
    ['address :user "to" "roadrunner"', true],
    ['address :detail "to" "beep"', true],
    ['address :detail "cc" ""', false],
    ['address :detail :contains "cc" ""', false],
    ['envelope :detail "to" "tag"', true],
    ['envelope :user "to" "me"', true],
    ['envelope :detail :contains "from" ""', false],
  ])('%s is %s', async (test, expected) => {
    expect(await holds(['subaddress', 'envelope'], test)).toBe(expected)
  })

  it('tells an empty detail from none', async () => {
    expect(await holds(['subaddress'], 'address :detail "to" ""', { message: 'To: ken+@x.example\n\n' })).toBe(true)
  })
})

describe('imap4flags (RFC 5232)', () => {
  it.each<[what: string, script: string, expected: string]>([
    ['none', 'keep;', 'keep'],
    ['setflag', 'setflag "\\\\Seen"; keep;', 'keep[\\Seen]'],
    ['several in one string', 'setflag "\\\\seen $Junk  \\\\FLAGGED"; keep;', 'keep[\\Seen $Junk \\Flagged]'],
    ['a list', 'setflag ["a", "b c"]; keep;', 'keep[a b c]'],
    ['once each', 'addflag "a"; addflag ["A", "b"]; keep;', 'keep[a b]'],
    ['removeflag', 'setflag "a b c"; removeflag ["B", "x"]; keep;', 'keep[a c]'],
    ['all removed', 'setflag "a"; removeflag "a"; keep;', 'keep[]'],
    ['what is no flag is left out', 'setflag ["\\\\Magic", "a(b", "ok", "\\\\Recent", "ä"]; keep;', 'keep[ok]'],
    ['as they are at the time', 'addflag "a"; fileinto "X"; addflag "b"; keep;', 'fileinto X[a], keep[a b]'],
    ['on the implicit keep', 'addflag "a";', '(keep)[a]'],
    [
      'on the implicit keep beside a copy',
      'addflag "a"; fileinto :copy :flags "z" "X"; setflag "b";',
      'fileinto X[z], (keep)[b]',
    ],
    ['by a tag', 'setflag "a"; keep :flags ["b", "\\\\answered"];', 'keep[b \\Answered]'],
    ['none by a tag', 'setflag "a"; keep :flags "";', 'keep[]'],
    ['of two deliveries to one folder', 'fileinto :flags "a" "X"; fileinto :flags "b" "X";', 'fileinto X[a b]'],
    ['of a keep and INBOX', 'keep :flags "a"; fileinto :flags "b" "INBOX";', 'keep[a b]'],
    [
      'in a variable',
      'setflag "v" "a b"; addflag "v" "c"; removeflag "v" "a"; keep; fileinto :flags "${v}" "X";',
      'keep, fileinto X[b c]',
    ],
    ['in a variable that was set', 'set "v" "\\\\seen a"; addflag "v" "b"; keep :flags "${v}";', 'keep[\\Seen a b]'],
  ])('%s', async (_, script, expected) => {
    expect(brief(await runText(`require ["imap4flags", "fileinto", "copy", "variables"];\n${script}`))).toBe(expected)
  })

  it.each<Row>([
    ['hasflag "a"', true],
    ['hasflag "\\\\SEEN"', true],
    ['hasflag ["x", "y z b"]', true],
    ['hasflag "x"', false],
    ['hasflag :contains "ee"', true],
    ['hasflag :matches "\\\\\\\\s*"', true],
    ['hasflag :matches "\\\\s*"', false],
    ['hasflag :count "eq" :comparator "i;ascii-numeric" "3"', true],
    ['hasflag "v" "c"', true],
    ['hasflag ["w", "v"] ["c", "q"]', true],
    ['hasflag :count "ge" :comparator "i;ascii-numeric" ["v", "w"] "2"', true],
    ['hasflag "w" ""', false],
  ])('%s is %s', async (test, expected) => {
    const script = `require ["imap4flags", "variables", "relational", "comparator-i;ascii-numeric"];
      setflag "a b \\\\Seen"; addflag "v" "c d"; if ${test} { discard; }`
    expect((await runText(script)).actions.length === 1).toBe(expected)
  })
})

describe('folders (RFC 5490, RFC 8579, RFC 9042)', () => {
  const HEAD = 'require ["fileinto", "mailbox", "special-use", "mailboxid", "copy", "variables"];\n'
  it.each<Row>([
    ['mailboxexists "Junk"', true],
    ['mailboxexists ["Junk", "INBOX"]', true],
    ['mailboxexists ["Junk", "None"]', false],
    ['specialuse_exists "\\\\Junk"', true],
    ['specialuse_exists ["\\\\Junk", "\\\\Trash"]', false],
    ['specialuse_exists "Junk" "\\\\Junk"', true],
    ['specialuse_exists "INBOX" "\\\\Junk"', false],
    ['mailboxidexists "F1"', false],
  ])('%s is %s', async (test, expected) => {
    expect(await holds(['mailbox', 'special-use', 'mailboxid'], test)).toBe(expected)
  })

  it('asks for folders by their id where that is known', async () => {
    const given = { mailboxIdExists: async (id: string) => id === 'F1' }
    expect(await holds(['mailboxid'], 'mailboxidexists "F1"', given)).toBe(true)
    expect(await holds(['mailboxid'], 'mailboxidexists ["F1", "F2"]', given)).toBe(false)
  })

  it('hands on marks and ids', async () => {
    const script = 'fileinto :specialuse "\\\\Junk" :create "Spam"; fileinto :mailboxid "F1" "Spam"; fileinto "Spam";'
    expect(brief(await runText(HEAD + script))).toBe('fileinto Spam create \\Junk, fileinto Spam F1, fileinto Spam')
  })
})

describe('vacation (RFC 5230, RFC 6131)', () => {
  const vacation = async (args: string, head = '') => {
    const outcome = await runText(`require ["vacation", "vacation-seconds", "variables"];\n${head}vacation ${args};`)
    const action = outcome.actions[0]
    if (action?.kind !== 'vacation') throw new Error(brief(outcome))
    return action
  }

  it('has its defaults', async () => {
    expect(await vacation('"Away."')).toEqual({
      kind: 'vacation',
      handle: expect.any(String),
      seconds: 604_800,
      subject: null,
      from: null,
      addresses: [],
      reason: 'Away.',
      mime: false,
    })
  })

  it.each([
    [':days 3', 259_200],
    [':days 0', 86_400],
    [':days 1000', 5_184_000],
    [':seconds 7200', 7_200],
    [':seconds 0', 3_600],
  ])('%s is %d seconds', async (tag, seconds) => {
    expect((await vacation(`${tag} "x"`)).seconds).toBe(seconds)
  })

  it('takes subject, sender and addresses', async () => {
    const args = ':subject "Gone ${v}" :from "Me <ME@example.org>" :addresses ["You@Example.net"] :mime "x"'
    expect(await vacation(args, 'set "v" "a\r\nBcc: x@y.example";')).toMatchObject({
      subject: 'Gone a Bcc: x@y.example',
      from: 'me@example.org',
      addresses: ['you@example.net'],
      mime: true,
    })
  })

  it('speaks for its owner alone', async () => {
    expect((await vacation(':from "boss@example.org" "x"')).from).toBe(null)
    expect((await vacation(':from "me+work@example.org" "x"')).from).toBe('me+work@example.org')
  })

  it('tells answers apart by their content or by their handle', async () => {
    const handle = async (args: string) => (await vacation(args)).handle
    const plain = await handle('"x"')
    expect(await handle('"x"')).toBe(plain)
    for (const other of ['"y"', ':subject "s" "x"', ':mime "x"', ':from "me@example.org" "x"', ':handle "h" "x"'])
      expect(await handle(other), other).not.toBe(plain)
    expect(await handle(':handle "h" "x"')).toBe(await handle(':handle "h" :subject "s" "y"'))
  })

  it('comes with vacation-seconds alone', async () => {
    expect(brief(await runText('require "vacation-seconds"; vacation "x";'))).toBe('vacation 604800 x, (keep)')
  })
})

describe('duplicate (RFC 7352)', () => {
  const twice = async (first: string, second = first) => {
    const env = envOf()
    const script = (test: string) => `require "duplicate"; if ${test} { discard; }`
    await runText(script(first), env)
    return !(await runText(script(second), env)).implicitKeep
  }
  it.each<[first: string, second: string, expected: boolean]>([
    ['duplicate', 'duplicate', true],
    ['duplicate', 'duplicate :header "message-id"', true],
    ['duplicate :handle "a"', 'duplicate :handle "b"', false],
    ['duplicate :handle "a"', 'duplicate :handle "a" :seconds 5', true],
    ['duplicate', 'duplicate :handle "a"', false],
    ['duplicate :header "x-caffeine"', 'duplicate :uniqueid "C8H10N4O2"', true],
    ['duplicate :uniqueid "1"', 'duplicate :uniqueid "2"', false],
    ['duplicate :header "x-nothing"', 'duplicate :header "x-nothing"', false],
    ['duplicate :uniqueid ""', 'duplicate :uniqueid ""', false],
  ])('%s, then %s: %s', async (first, second, expected) => {
    expect(await twice(first, second)).toBe(expected)
  })

  it('gives the same answer within one run', async () => {
    const script = 'require "duplicate"; if duplicate {} if duplicate { discard; }'
    expect(brief(await runText(script))).toBe('(keep)')
  })

  it('remembers for the time asked for and tells nothing of the message', async () => {
    const asked: [string, number, boolean | undefined][] = []
    const seenDuplicate = async (key: string, seconds: number, last?: boolean) => {
      asked.push([key, seconds, last])
      return false
    }
    const script =
      'require "duplicate"; if duplicate :seconds 60 :last {} if duplicate :handle "x" {} if duplicate :handle "y" :seconds 99999999 {}'
    await runText(script, { seenDuplicate })
    expect(asked.map(([, seconds, last]) => [seconds, last])).toEqual([
      [60, true],
      [604_800, false],
      [2_592_000, false],
    ])
    expect(JSON.stringify(asked)).not.toContain('desert')
  })
})

describe('environment (RFC 5183)', () => {
  it.each<Row>([
    ['environment "location" "MS"', true],
    ['environment :matches "HOST" "mx.*"', true],
    ['environment "phase" ["pre", "post"]', true],
    ['environment "domain" "example.com"', false],
    ['environment :contains "name" "MailTight"', true],
    ['environment :contains "remote-ip" ""', false],
    ['environment :contains "constructor" ""', false],
  ])('%s is %s', async (test, expected) => {
    expect(await holds(['environment'], test)).toBe(expected)
  })
})

describe('ihave and error (RFC 5463)', () => {
  it.each<[what: string, script: string, expected: string]>([
    ['an extension that is there', 'if ihave "fileinto" { fileinto "A"; } else { discard; }', 'fileinto A'],
    ['one that is not', 'if ihave "nonsense" { nonsense "A" { foo; } } else { discard; }', 'discard'],
    ['both', 'if ihave ["fileinto", "nonsense"] { nonsense; } elsif true { stop; }', '(keep)'],
    ['an unknown test behind it', 'if allof (ihave "nonsense", nonsense :foo "x") { discard; }', '(keep)'],
    ['an unknown tag', 'if not ihave "nonsense" { stop; } keep :nonsense;', '(keep)'],
    ['what is unknown, reached', 'keep;\nfrobnicate;', 'error 3: Unknown command "frobnicate"'],
    ['error', 'if not ihave "nonsense" {\nerror "cannot go on"; }', 'error 3: cannot go on'],
    [
      'variables',
      'if ihave "variables" { set "a" "INBOX.x"; if ihave "fileinto" { fileinto "${a}"; } }',
      'fileinto INBOX.x',
    ],
  ])('%s', async (_, script, expected) => {
    expect(brief(await runText(`require "ihave";\n${script}`))).toBe(expected)
  })

  it('excuses nothing else', async () => {
    await expect(runText('require "ihave"; if ihave "x" { redirect "nobody"; }')).rejects.toThrow(/not an address/)
  })
})

describe('examples of RFC 5228 and others', () => {
  it('9: an extended example', async () => {
    const script = `require ["fileinto"];
      # Handle messages from known mailing lists
      if header :is "Sender" "owner-ietf-mta-filters@imc.org" { fileinto "filter"; }
      # Keep all messages to or from people in my company
      elsif address :DOMAIN :is ["From", "To"] "acme.example.com" { keep; }
      # Try and catch unsolicited email. ...
      elsif anyof (NOT address :all :contains ["To", "Cc", "Bcc"] "me@example.com",
                   header :matches "subject" ["*make*money*fast*", "*university*dipl*mas*"]) { fileinto "spam"; }
      else { fileinto "personal"; }`
    expect(brief(await runText(script))).toBe('keep')
    const spam = 'To: me@example.com\r\nSubject: Make your money go fast!!!\r\n\r\n'
    expect(brief(await runText(script, { message: spam }))).toBe('fileinto spam')
    expect(brief(await runText(script, { message: 'To: me@example.com\r\n\r\n' }))).toBe('fileinto personal')
  })

  it('5229 3.2: a list by its List-ID', async () => {
    const script = `require ["fileinto", "variables"];
      if header :matches "List-ID" "*<*@*" { fileinto "INBOX.lists.\${2}"; stop; }
      if header :matches "Subject" "[acme-users] [fwd] version 1.0 is out" { keep; }
      if header :matches "Subject" "[*] *" { fileinto "INBOX.\${1}"; }`
    expect(brief(await runText(script, { message: 'List-ID: x <sales@example.org>\n\n' }))).toBe(
      'fileinto INBOX.lists.sales',
    )
    expect(brief(await runText(script, { message: 'Subject: [acme] hi\n\n' }))).toBe('fileinto INBOX.acme')
  })

  it('5229 3.2: what each wildcard stands for', async () => {
    const script = 'require ["variables", "reject"]; if header :matches "To" "coyote@**.com" {}'
    const given = { message: 'To: coyote@ACME.Example.COM\n\n' }
    expect(await textAfter(script, '${0}|${1}|${2}', given)).toBe('coyote@ACME.Example.COM||ACME.Example')
  })
})
