// biome-ignore-all lint/suspicious/noTemplateCurlyInString: in Sieve that is a variable
import { describe, expect, it } from 'vitest'
import { compileScript } from './compile'
import { SIEVE_EXTENSIONS } from './extensions'
import { SIEVE_LIMITS } from './limits'

const ALL = `require [${SIEVE_EXTENSIONS.filter((one) => one !== 'ihave')
  .map((one) => `"${one}"`)
  .join(', ')}];\n`

describe('scripts that compile', () => {
  it.each([
    ['an empty one', ''],
    ['white space and comments alone', ' \r\n# a comment\r\n/* another\n one */ # last'],
    ['a byte order mark', '\ufeffkeep;'],
    ['a comment with stars', '/** * / ***/ keep;'],
    ['comments inside a command', 'if /* a */ header # b\n "a" /* c */ "b" { keep /**/ ; }'],
    ['any case', 'IF TRUE { KeEp; } ELSIF not FALSE { Stop; } eLsE { DISCARD; }'],
    ['numbers with a quantifier', 'if anyof (size :over 1, size :under 2K, size :over 3m, size :over 4G) {}'],
    ['empty blocks', 'if true {} else {}'],
    ['empty strings', 'if header "x" "" { keep; }'],
    ['a multi-line string', 'if header "x" text:\r\nline\r\n..dot\r\n.\r\n{ keep; }'],
    ['a multi-line string with a comment', 'if header "x" text: # why\nline\n.\n{ keep; }'],
    ['a multi-line string that ends the script', 'require "reject"; reject text:\nx\n.\n;'],
    ['a string over two lines', 'if header "x" "a\nb" { keep; }'],
    ['a list of one', 'if header ["x"] ["y"] { keep; }'],
    ['comparators that need no require', 'if header :comparator "i;octet" "x" "y" {} '],
    ['comparators of the base that are required', 'require ["comparator-i;octet", "comparator-i;ascii-casemap"];'],
    ['several requires', 'require "fileinto"; require ["copy"]; fileinto :copy "x";'],
    ['blocks in blocks', `${'if true {'.repeat(30)}${'}'.repeat(30)}`],
    ['tests in tests', `if ${'not '.repeat(30)}true {}`],
    ['a variable-like string without variables', 'if header "x" "${a.b.c}" {}'],
    ['all extensions', ALL],
  ])('%s', (_, text) => {
    expect(compileScript(text)).toMatchObject({ ok: true })
  })

  it('knows each extension that it announces', () => {
    for (const name of SIEVE_EXTENSIONS) expect(compileScript(`require "${name}";`), name).toMatchObject({ ok: true })
  })

  it('warns of counts compared as words', () => {
    const compiled = compileScript('require "relational";\nif header :count "gt" "to" "9" {}')
    expect(compiled).toMatchObject({ ok: true, warnings: [expect.stringMatching(/^Line 2: ":count"/)] })
  })
})

describe('scripts that do not compile', () => {
  it.each<[what: string, text: string, line: number, message: RegExp]>([
    // Lexer
    ['an unclosed string', 'keep;\nif header "x" "y', 2, /never closed/],
    ['an unclosed comment', '\n\n/* keep;', 3, /never closed/],
    ['an unclosed multi-line string', 'if header "x" text:\na\n', 1, /never closed/],
    ['text behind text:', 'if header "x" text: a\n.\n{}', 1, /end of the line/],
    ['a strange character', 'keep;\n&', 2, /Unexpected|expected/],
    ['a control character', 'keep \u0001;', 1, /U\+0001/],
    ['NUL in a string', 'if header "x" "a\0b" {}', 1, /NUL/],
    ['a tag without a name', 'keep : flags;', 1, /a name after ":"/],
    ['letters behind a number', 'if size :over 10Kb {}', 1, /K, M, G/],
    ['a huge number', 'if size :over 99999999999999999999 {}', 1, /too large/],
    ['a string beyond the limit', `if header "x" "${'a'.repeat(SIEVE_LIMITS.stringBytes + 1)}" {}`, 1, /too long/],
    ['a string of a megabyte', `if header "x" "${'a'.repeat(1_000_000)}" {}`, 1, /too long/],
    ['a script beyond the limit', '#'.repeat(SIEVE_LIMITS.scriptBytes + 1), 1, /too long/],
    // Parser
    ['no semicolon', 'keep\ndiscard;', 1, /"keep" takes no test: expected ";"/],
    ['no semicolon at the end', 'keep', 1, /expected ";" or "\{"/],
    ['a block that is not closed', 'if true {\nkeep;\n', 3, /opened in line 1/],
    ['a brace too many', 'keep; }', 1, /expected a command/],
    ['a list that is not closed', 'if header ["a", "b" {}', 1, /expected "," or "]"/],
    ['an empty list', 'if header [] "x" {}', 1, /expected a string/],
    ['a comma at the end of a list', 'if header ["a",] "x" {}', 1, /expected a string/],
    ['a number in a list', 'if header ["a", 1] "x" {}', 1, /expected a string/],
    ['a test list that is not closed', 'if allof (true, false {}', 1, /expected "," or "\)"/],
    ['an empty test list', 'if allof () {}', 1, /expected a test/],
    ['a string alone', '"keep";', 1, /expected a command/],
    ['blocks nested too deep', 'if true {'.repeat(10_000), 1, /too deep/],
    ['tests nested too deep', `if ${'not '.repeat(10_000)}true {}`, 1, /too deep/],
    ['test lists nested too deep', `if ${'anyof ('.repeat(10_000)}`, 1, /too deep/],
    ['too many commands', 'keep;'.repeat(SIEVE_LIMITS.nodes + 1), 1, /at most/],
    ['too many strings', `if header "x" [${'"",'.repeat(SIEVE_LIMITS.listStrings + 1)}""] {}`, 1, /list is too long/],
    // Commands and tests
    ['an unknown command', 'keep;\nfrobnicate "x";', 2, /Unknown command "frobnicate"/],
    ['an unknown test', 'if frobnicate {}', 1, /Unknown test "frobnicate"/],
    ['a test as a command', 'true;', 1, /it is a test/],
    ['a command as a test', 'if keep {}', 1, /it is a command/],
    ['editheader, which is not supported', 'require "editheader";', 1, /"editheader" is not supported/],
    ['an unknown tag', 'keep :loudly;', 1, /Unknown tag ":loudly"/],
    ['a tag named as a property of objects', 'keep :constructor;', 1, /Unknown tag/],
    ['a tag behind an argument', 'if header "x" :is "y" {}', 1, /tags come first/],
    ['a tag twice', 'if header :is :is "x" "y" {}', 1, /twice/],
    ['two match types', 'if header :is :contains "x" "y" {}', 1, /both are a match type/],
    ['two address parts', 'if address :all :domain "to" "y" {}', 1, /both are a address part|address part/],
    ['a tag without its argument', 'if header :comparator {}', 1, /":comparator" takes an argument/],
    ['a tag with a wrong argument', 'if header :comparator 5 "x" "y" {}', 1, /expected a string/],
    ['too few arguments', 'if header "x" {}', 1, /takes 2 arguments and has 1/],
    ['too many arguments', 'if exists "x" "y" {}', 1, /takes 1 argument and has 2/],
    ['an argument where none is taken', 'keep "x";', 1, /takes no arguments/],
    ['a number for a string', 'redirect 5;', 1, /is a number: expected a string/],
    ['a list for a string', 'redirect ["a@b.example"];', 1, /is a list: expected a string/],
    ['a string for a number', 'if size :over "5" {}', 1, /is a string: expected a number/],
    ['size without a limit', 'if size 5 {}', 1, /":over", ":under"/],
    ['size with both limits', 'if size :over :under 5 {}', 1, /cannot stand beside/],
    ['if without a test', 'if {}', 1, /takes one test/],
    ['if with a list of tests', 'if (true, true) {}', 1, /takes one test/],
    ['not with a list of tests', 'if not (true) {}', 1, /takes one test/],
    ['allof without parentheses', 'if allof true {}', 1, /list of tests/],
    ['if without a block', 'if true;', 1, /takes a block/],
    ['keep with a block', 'keep {}', 1, /takes no block/],
    ['keep with a test', 'keep true;', 1, /takes no test/],
    ['a test with a test', 'if true true {}', 1, /takes no test/],
    ['else alone', 'else {}', 1, /without an "if"/],
    ['elsif behind another command', 'if true {} keep; elsif true {}', 1, /without an "if"/],
    ['else behind else', 'if true {} else {} else {}', 1, /without an "if"/],
    ['else with a test', 'if true {} else true {}', 1, /takes no test/],
    ['an error inside a block', 'if true {\n  if false {\n    foo;\n  }\n}', 3, /Unknown command/],
    // require
    ['an unknown extension', 'require\n["fileinto",\n"nonsense"];', 3, /"nonsense" is not supported/],
    ['require behind a command', 'keep; require "fileinto";', 1, /only at the beginning/],
    ['require in a block', 'if true { require "fileinto"; }', 1, /only at the beginning/],
    ['require of a number', 'require 5;', 1, /takes one argument/],
    ['fileinto without require', 'fileinto "x";', 1, /needs the extension "fileinto"/],
    ['a tag without require', 'require "fileinto"; fileinto :copy "x";', 1, /needs the extension "copy"/],
    ['a test without require', 'if body "x" {}', 1, /needs the extension "body"/],
    ['a match type without require', 'if header :regex "x" "y" {}', 1, /needs the extension "regex"/],
    ['a relation without require', 'if header :count "eq" "x" "1" {}', 1, /needs the extension "relational"/],
    ['a detail without require', 'if address :detail "to" "x" {}', 1, /needs the extension "subaddress"/],
    [
      'a comparator without require',
      'if header :comparator "i;ascii-numeric" "x" "y" {}',
      1,
      /"comparator-i;ascii-numeric"/,
    ],
    ['an unknown comparator', 'if header :comparator "i;magic" "x" "y" {}', 1, /Unknown comparator/],
    [
      'numbers and wildcards',
      `${ALL}if header :matches :comparator "i;ascii-numeric" "x" "1*" {}`,
      2,
      /cannot be used/,
    ],
    ['an unknown relation', `${ALL}if header :value "xx" "x" "1" {}`, 2, /Unknown relation/],
    // Constants
    ['no address for redirect', 'redirect "nobody";', 1, /not an address/],
    ['two addresses for redirect', 'redirect "a@b.example, c@d.example";', 1, /not an address/],
    ['no folder', 'require "fileinto"; fileinto "";', 1, /empty/],
    ['a folder too long', `require "fileinto"; fileinto "${'x'.repeat(501)}";`, 1, /too long/],
    ['a folder with a line break', 'require "fileinto"; fileinto "a\nb";', 1, /control character/],
    ['no special use', `${ALL}fileinto :specialuse "Junk" "x";`, 2, /not a special use/],
    ['no field name', 'if exists "a b" {}', 1, /not the name of a header field/],
    ['no field of addresses', 'if address "subject" "x" {}', 1, /holds no addresses/],
    ['no part of the envelope', `${ALL}if envelope "subject" "x" {}`, 2, /part of the envelope/],
    ['no part of a date', `${ALL}if currentdate "aeon" "x" {}`, 2, /part of a date/],
    ['no zone', `${ALL}if currentdate :zone "CET" "date" "x" {}`, 2, /not a time zone/],
    ['an index of 0', `${ALL}if header :index 0 "x" "y" {}`, 2, /counts from 1/],
    ['last without index', `${ALL}if header :last "x" "y" {}`, 2, /needs ":index"/],
    ['no variable name', `${ALL}set "1a" "x";`, 2, /not the name of a variable/],
    ['a variable name in a variable', `${ALL}set "\${a}" "x";`, 2, /cannot come from a variable/],
    ['two modifiers of one precedence', `${ALL}set :lower :upper "a" "x";`, 2, /precedence 40/],
    ['an unknown namespace', `${ALL}set "a" "\${env.x}";`, 2, /Unknown namespace/],
    ['global behind set', `${ALL}set "a" "x";\nglobal "a";`, 3, /after it was set/],
    ['global without variables', 'require "include"; global "a";', 1, /needs the extension "variables"/],
    ['a global script', `${ALL}include :global "x";`, 2, /no ":global" scripts/],
    ['an include from a variable', `${ALL}include "\${x}";`, 2, /cannot come from a variable/],
    ['flags in a variable without variables', 'require "imap4flags"; addflag "a" "b";', 1, /"variables"/],
    ['days beside seconds', `${ALL}vacation :days 1 :seconds 5 "x";`, 2, /both are a period/],
    ['a bad sender', `${ALL}vacation :from "me" "x";`, 2, /not an address/],
    ['a bad address', `${ALL}vacation :addresses "me" "x";`, 2, /not an address/],
    ['an open group', `${ALL}if header :regex "x" "(a" {}`, 2, /Invalid regular expression: "\(" is never closed/],
    ['a back reference', `${ALL}if header :regex "x" "(a)\\\\1" {}`, 2, /back references/],
    ['a code point that does not exist', `${ALL}keep;\nif header "x" "\${unicode:110000}" {}`, 3, /does not exist/],
    ['a surrogate', `${ALL}if header "x" "\${unicode:D800}" {}`, 2, /does not exist/],
    ['octets that are no UTF-8', `${ALL}if header "x" "\${hex:ff}" {}`, 2, /does not exist/],
  ])('%s', (_, text, line, message) => {
    const compiled = compileScript(text)
    expect(compiled.ok).toBe(false)
    if (compiled.ok) return
    expect(compiled.errors[0]?.message).toMatch(message)
    expect(compiled.errors[0]?.line).toBe(line)
  })

  it('names several errors, each with its line', () => {
    const compiled = compileScript('foo;\nkeep;\nredirect "x";\nif bar { baz; }')
    expect(compiled).toMatchObject({ ok: false })
    if (!compiled.ok) expect(compiled.errors.map((one) => one.line)).toEqual([1, 3, 4, 4])
  })

  it('names at most twenty', () => {
    const compiled = compileScript('foo;\n'.repeat(5_000))
    expect(compiled.ok ? 0 : compiled.errors.length).toBe(SIEVE_LIMITS.errors)
  })

  it('refuses expressions that are too large altogether', () => {
    const keys = Array.from({ length: 5_000 }, () => '"((a{255}){15})"').join(',')
    expect(compileScript(`require "regex"; if header :regex "x" [${keys}] {}`)).toMatchObject({
      ok: false,
      errors: [{ message: expect.stringMatching(/too large altogether/) }],
    })
  })
})
