// biome-ignore-all lint/suspicious/noTemplateCurlyInString: in Sieve that is a variable
import { describe, expect, it } from 'vitest'
import { SIEVE_LIMITS } from './limits'
import { brief, holds, runText, textAfter } from './testing'

const HEAD =
  'require ["variables", "reject", "regex", "fileinto", "relational", "comparator-i;ascii-numeric", "body", "envelope"];\n'

describe('variables (RFC 5229)', () => {
  it.each<[what: string, script: string, text: string, expected: string]>([
    ['one', 'set "v" "x";', '${v}', 'x'],
    ['any case of its name', 'set "Ab_1" "x";', '${aB_1}', 'x'],
    ['one that is not set', '', 'a${v}b', 'ab'],
    ['references that are none', 'set "v" "x";', '${', '${'],
    ['not closed', 'set "v" "x";', '${v', '${v'],
    ['with a space', 'set "v" "x";', '${v }', '${v }'],
    ['not a name', 'set "v" "x";', '${v-w}&%${v}', '${v-w}&%x'],
    ['one inside another', 'set "v" "x";', '${${v}}', '${x}'],
    ['what comes out is not read again', 'set "a" "${"; set "b" "a}";', '${a}${b}', '${a}'],
    ['a dollar before one', 'set "v" "x";', '$${v}', '$x'],
    ['setting over', 'set "v" "x"; set "v" "${v}y";', '${v}', 'xy'],
    ['an empty value', 'set "v" "x"; set "v" "";', '${v}', ''],
    // RFC 5229 4.1's own examples
    ['length', 'set "a" "juMBlEd lETteRS"; set :length "b" "${a}";', '${b}', '15'],
    ['lower', 'set "a" "juMBlEd lETteRS"; set :lower "b" "${a}";', '${b}', 'jumbled letters'],
    ['upperfirst', 'set "a" "juMBlEd lETteRS"; set :upperfirst "b" "${a}";', '${b}', 'JuMBlEd lETteRS'],
    [
      'upperfirst and lower',
      'set "a" "juMBlEd lETteRS"; set :upperfirst :lower "b" "${a}";',
      '${b}',
      'Jumbled letters',
    ],
    ['quotewildcard', 'set "a" "Rock*"; set :quotewildcard "b" "${a}?\\\\";', '${b}', 'Rock\\*\\?\\\\'],
    ['quoteregex', 'set :quoteregex "b" "a.b[c]{1}";', '${b}', 'a\\.b\\[c\\]\\{1\\}'],
    ['length of characters', 'set :length "b" "ä\u{1f600}b";', '${b}', '3'],
    ['length behind the others', 'set :length :quotewildcard "b" "**";', '${b}', '4'],
    ['upper of nothing', 'set :upperfirst "b" "";', '${b}', ''],
    // Match variables
    [
      'a star',
      'if header :matches "subject" "* present *" {}',
      '${0}|${1}|${2}',
      'I have a present for you|I have a|for you',
    ],
    ['question marks', 'if header :matches "x-caffeine" "?8*N??2" {}', '${1}|${2}|${3}|${4}', 'C|H10|4|O'],
    ['each star takes as little as it can', 'if string :matches "aXbXc" "*X*" {}', '${1}|${2}', 'a|bXc'],
    ['a star at both ends', 'if string :matches "abcabc" "*b*" {}', '${1}|${2}', 'a|cabc'],
    ['an empty star', 'if string :matches "ab" "a*b" {}', '${1}|', '|'],
    ['the case that was matched', 'if string :matches "FooBAR" "foo*" {}', '${1}', 'BAR'],
    ['a question mark takes a whole character', 'if string :matches "a\u{1f600}b" "a?b" {}', '${1}', '\u{1f600}'],
    ['an escaped star', 'if string :matches "a*b" "a\\\\*?" {}', '${1}', 'b'],
    ['no match leaves them', 'if string :matches "ab" "a?" {} if string :matches "ab" "x*" {}', '${1}', 'b'],
    [
      'another match replaces all',
      'if string :matches "abc" "a??" {} if string :matches "x" "?" {}',
      '${1}|${2}',
      'x|',
    ],
    ['is and contains leave them', 'if string :matches "ab" "a?" {} if string :contains "xy" "x" {}', '${1}', 'b'],
    ['the first match counts', 'if string :matches ["ab", "ac"] ["a?", "*"] {}', '${1}', 'b'],
    ['anyof stops at the first', 'if anyof (string :matches "a" "?", string :matches "b" "?") {}', '${1}', 'a'],
    ['allof goes on', 'if allof (string :matches "a" "?", string :matches "b" "?") {}', '${1}', 'b'],
    ['leading zeros', 'if string :matches "ab" "a?" {}', '${01}|${00}', 'b|ab'],
    ['one that is far off', 'if string :matches "ab" "a?" {}', '[${99}${1000000}]', '[]'],
    ['before any match', '', '[${0}${1}]', '[]'],
    ['a body sets none', 'if body :matches "*anvil*" {}', '[${1}]', '[]'],
    ['of an envelope', 'if envelope :matches "from" "*@*" {}', '${2}', 'example.com'],
    [
      'of an expression',
      'if header :regex "subject" "(have) a (p[a-z]+)" {}',
      '${0}|${1}|${2}',
      'have a present|have|present',
    ],
    ['of a group that took no part', 'if string :regex "b" "(a)?(b)" {}', '[${1}]|${2}', '[]|b'],
  ])('%s', async (_, script, text, expected) => {
    expect(await textAfter(HEAD + script, text)).toBe(expected)
  })

  it.each<[test: string, expected: boolean]>([
    ['string "a" "A"', true],
    ['string ["x", "y"] ["z", "y"]', true],
    ['string :contains "${v}" ""', true],
    ['string :count "eq" :comparator "i;ascii-numeric" ["a", "", "b"] "2"', true],
    ['string :value "gt" :comparator "i;ascii-numeric" "10" "9"', true],
    ['string :value "gt" "10" "9"', false],
  ])('%s is %s', async (test, expected) => {
    expect(await holds(['variables', 'relational', 'comparator-i;ascii-numeric'], test)).toBe(expected)
  })

  it('puts them into every string, names of folders included', async () => {
    const script = 'if address :matches :localpart "from" "*+*" { fileinto "${2}/${1}"; }'
    const outcome = await runText(`require ["variables", "fileinto"];${script}`)
    expect(brief(outcome)).toBe('fileinto acme/coyote')
  })

  it('refuses at run time what only then is wrong', async () => {
    expect(brief(await runText(`${HEAD}\nfileinto "\${v}";`))).toBe('error 3: The name of a folder is empty')
    expect(brief(await runText(`${HEAD}redirect "\${v}@x";`))).toBe('error 2: The address of "redirect" is not valid')
    expect(brief(await runText(`${HEAD}set "v" "("; if string :regex "a" "\${v}" {}`))).toMatch(/^error 2: Invalid reg/)
  })

  it('cuts a value at its limit, between characters', async () => {
    const doubled = `set "v" "äöü";${'set "v" "${v}${v}";'.repeat(40)}set :length "n" "\${v}";`
    expect(await textAfter(HEAD + doubled, '${n}')).toBe(String(SIEVE_LIMITS.variableBytes / 2))
  })

  it('has room for 128 variables and no more', async () => {
    const some = (count: number) => Array.from({ length: count }, (_, i) => `set "v${i}" "x";`).join('\n')
    expect(brief(await runText(`require "variables";\n${some(128)}set "v1" "y";`))).toBe('(keep)')
    expect(brief(await runText(`require "variables";\n${some(129)}`))).toBe(
      'error 130: Too many variables: at most 128 are allowed',
    )
  })
})

describe('include (RFC 6609)', () => {
  const run = async (script: string, scripts: Record<string, string>) =>
    brief(await runText(`require ["include", "variables", "fileinto", "imap4flags"];\n${script}`, { scripts }))
  const SET = 'require ["include", "variables"]; '

  it.each<[what: string, script: string, scripts: Record<string, string>, expected: string]>([
    [
      'actions of both',
      'include "a"; fileinto "B";',
      { a: 'require "fileinto"; fileinto "A";' },
      'fileinto A, fileinto B',
    ],
    ['stop ends all', 'include :personal "a"; discard;', { a: 'stop;' }, '(keep)'],
    ['return ends the included one', 'include "a"; discard;', { a: 'require "include"; return; keep;' }, 'discard'],
    [
      'return out of a block',
      'include "a"; discard;',
      { a: 'require "include"; if true { return; } keep;' },
      'discard',
    ],
    ['return at the top ends the script', 'return; discard;', {}, '(keep)'],
    ['one that is missing', 'keep;\ninclude "a";', {}, 'error 3: The script to include does not exist'],
    ['one that may be missing', 'include :optional "a"; discard;', {}, 'discard'],
    [
      'once',
      'include :once "a"; include :once "a"; fileinto "${global.n}";',
      { a: `${SET}set "global.n" "\${global.n}x";` },
      'fileinto x',
    ],
    [
      'twice',
      'include "a"; include "a"; fileinto "${global.n}";',
      { a: `${SET}set "global.n" "\${global.n}x";` },
      'fileinto xx',
    ],
    [
      'itself',
      'include "a";',
      { a: 'require "include";\ninclude "a";' },
      'error 2: Scripts include each other in a circle',
    ],
    [
      'a circle',
      'include "a";',
      { a: 'require "include"; include "b";', b: 'require "include"; include "a";' },
      'error 1: Scripts include each other in a circle',
    ],
    [
      'its own requires',
      'include "a";',
      { a: 'fileinto "A";' },
      'error 1: The included script has an error: "fileinto" needs the extension "fileinto": add it to "require"',
    ],
    [
      'an error inside',
      'include "a";',
      { a: 'keep;\nfrob;' },
      'error 2: The included script has an error: Unknown command "frob"',
    ],
    [
      'variables of its own',
      'set "x" "1"; include "a"; fileinto "v${x}";',
      { a: 'require "variables"; set "x" "2";' },
      'fileinto v1',
    ],
    [
      'global variables',
      'global "x"; set "x" "1"; include "a"; fileinto "v${x}";',
      { a: `${SET}global ["x", "y"]; set "x" "\${x}2";` },
      'fileinto v12',
    ],
    ['the namespace', 'global "x"; set "x" "1"; fileinto "${global.x}";', {}, 'fileinto 1'],
    [
      'the namespace alone',
      'include "a"; fileinto "${global.x}${x}";',
      { a: `${SET}set "global.x" "y";` },
      'fileinto y',
    ],
    ['flags are shared', 'include "a"; keep;', { a: 'require "imap4flags"; setflag "a";' }, 'keep[a]'],
  ])('%s', async (_, script, scripts, expected) => {
    expect(await run(script, scripts)).toBe(expected)
  })

  it('names the script at fault', async () => {
    const outcome = await runText('require "include";\n\ninclude "a";', { scripts: { a: '\nfoo;' } })
    expect(outcome.error).toMatchObject({ script: 'a', line: 2 })
  })

  it('goes ten deep and no deeper', async () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [
          `s${i + 1}`,
          i + 1 === length ? 'keep;' : `require "include"; include "s${i + 2}";`,
        ]),
      )
    expect(await run('include "s1";', chain(10))).toBe('keep')
    expect(await run('include "s1";', chain(11))).toMatch(/too deep/)
  })

  it('includes fifty scripts and no more, however they nest', async () => {
    const twice = 'require "include"; '
    const scripts = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [`s${i}`, `${twice}include "s${i + 1}"; include "s${i + 1}";`]),
    )
    expect(await run('include "s0";', { ...scripts, s9: 'keep;' })).toMatch(/Too many scripts/)
  })
})
