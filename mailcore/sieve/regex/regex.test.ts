import { describe, expect, it } from 'vitest'
import { RegexFault } from './ast'
import { compileRegex, type Folding } from './compile'
import { matchRegex } from './match'

/** Runs to the end and counts the work. */
function match(pattern: string, text: string, folding: Folding = 'none') {
  const machine = matchRegex(compileRegex(pattern, folding), text, true)
  let work = 0
  for (;;) {
    const step = machine.next()
    if (!step.done) {
      work += step.value
      continue
    }
    const slots = step.value
    const groups =
      slots &&
      [...slots].flatMap((at, i) => (i % 2 === 0 ? [text.slice(Math.max(at, 0), at < 0 ? 0 : slots[i + 1])] : []))
    return { groups, work }
  }
}

describe('POSIX extended regular expressions', () => {
  it.each<[pattern: string, text: string, expected: string[] | null]>([
    ['', 'abc', ['']],
    ['b', 'abc', ['b']],
    ['x', 'abc', null],
    ['^b', 'abc', null],
    ['^a', 'abc', ['a']],
    ['c$', 'abc', ['c']],
    ['^$', '', ['']],
    ['a|b|c', 'xxc', ['c']],
    ['a.c', 'abc', ['abc']],
    ['a.c', 'a\nc', ['a\nc']],
    ['ab*', 'abbb', ['abbb']],
    ['ab+', 'a', null],
    ['ab?c', 'ac', ['ac']],
    ['a{2}', 'aaa', ['aa']],
    ['a{2,}', 'aaaa', ['aaaa']],
    ['a{1,2}', 'aaa', ['aa']],
    ['^a{0}b', 'b', ['b']],
    ['a{,2}', 'a{,2}', ['a{,2}']],
    ['(a)(b)?', 'ac', ['a', 'a', '']],
    ['(a|ab)(c|bcd)', 'abcd', ['abcd', 'a', 'bcd']],
    ['a|ab|abc', 'abc', ['abc']],
    ['(a*)(b*)', 'aabb', ['aabb', 'aa', 'bb']],
    ['(ab)*', 'ababx', ['abab', 'ab']],
    ['((a)|(b))+', 'ab', ['ab', 'b', 'a', 'b']],
    ['()', 'a', ['', '']],
    ['(a*)*', 'aa', ['aa', 'aa']],
    ['[abc]+', 'xxabc', ['abc']],
    ['[^abc]+', 'abxyc', ['xy']],
    ['[a-c]+', 'zabcz', ['abc']],
    ['[]a]+', 'a]', ['a]']],
    ['[^]a]', 'a]b', ['b']],
    ['[a-]+', 'a-', ['a-']],
    ['[-a]+', 'a-', ['a-']],
    ['[\\n]+', '\\n', ['\\n']],
    ['[[:digit:]]+', 'ab12', ['12']],
    ['[[:alpha:]_]+', '1a_b', ['a_b']],
    ['[^[:space:]]+', ' ab ', ['ab']],
    ['[[.a.]-c]+', 'abc', ['abc']],
    ['[[=a=]]', 'a', ['a']],
    ['\\.', 'a.', ['.']],
    ['\\(a\\)', '(a)', ['(a)']],
    ['a\\{2}', 'a{2}', ['a{2}']],
    ['\\w+', '-ab_1-', ['ab_1']],
    ['\\<b', 'ab b', ['b']],
    ['\\bfoo\\b', 'a foo b', ['foo']],
    ['.', '\u{1f600}', ['\u{1f600}']],
    ['[\u{1f600}-\u{1f610}]', 'x\u{1f605}', ['\u{1f605}']],
    ['x*', 'aaa', ['']],
    ['(^a|b)+$', 'ab', ['ab', 'b']],
  ])('%s in %j', (pattern, text, expected) => {
    expect(match(pattern, text).groups).toEqual(expected)
  })

  it.each<[pattern: string, text: string, folding: Folding, expected: boolean]>([
    ['ABC', 'abc', 'none', false],
    ['ABC', 'abc', 'ascii', true],
    ['[a-c]+', 'ABC', 'ascii', true],
    ['[^a]', 'A', 'ascii', false],
    ['[[:upper:]]', 'a', 'ascii', true],
    ['Ä', 'ä', 'ascii', false],
    ['Ä', 'ä', 'unicode', true],
  ])('%s in %s, case by %s: %s', (pattern, text, folding, expected) => {
    expect(match(pattern, text, folding).groups !== null).toBe(expected)
  })

  it.each([
    ['(', /never closed/],
    [')', /without/],
    ['[a', /never closed/],
    ['[]', /never closed/],
    ['[[:nope:]]', /character class/],
    ['[[:alpha', /never closed/],
    ['[b-a]', /backwards/],
    ['*a', /nothing to repeat/],
    ['a|*', /nothing to repeat/],
    ['(+)', /nothing to repeat/],
    ['{2}', /nothing to repeat/],
    ['(?:a)', /nothing to repeat/],
    ['a{2,1}', /backwards/],
    ['a{256}', /more than 255/],
    ['(a)\\1', /back references/],
    ['a\\', /escapes nothing/],
    ['((a{255}){255}){255}', /too large/],
    ['('.repeat(10_000), /too deep/],
    [`a${'*'.repeat(10_000)}`, /too many repetitions/],
  ])('%.40s is refused', (pattern, message) => {
    expect(() => compileRegex(pattern, 'none')).toThrow(RegexFault)
    expect(() => compileRegex(pattern, 'none')).toThrow(message)
  })

  it.each([
    ['(a*)*b'],
    ['(a|a)*b'],
    ['(a|aa)+b'],
    ['(a?){50}a{50}b'],
    ['((((((a*)*)*)*)*)*)*b'],
    ['(.*)(.*)(.*)(.*)(.*)b'],
    ['^(([a-z])+.)+[A-Z]([a-z])+b'],
  ])('%s takes work in proportion to the text', (pattern) => {
    const some = match(pattern, 'a'.repeat(1_000)).work
    const more = match(pattern, 'a'.repeat(10_000)).work
    expect(more).toBeLessThan(some * 11)
  })

  it('agrees with the regular expressions of JavaScript on what both know', () => {
    let state = 20_260_228
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    const pieces = [
      'a',
      'b',
      'c',
      '.',
      '[ab]',
      '[^b]',
      'a*',
      'b+',
      'c?',
      '(a|b)',
      '(ab|c)*',
      '(a*b)+',
      'a{1,2}',
      '^',
      '$',
      '|',
    ]
    for (let round = 0; round < 3_000; round++) {
      const pattern = Array.from({ length: 1 + random(5) }, () => pieces[random(pieces.length)]).join('')
      const text = Array.from({ length: random(8) }, () => 'abcd'[random(4)]).join('')
      const reference = new RegExp(pattern, 's').exec(text)
      const own = match(pattern, text).groups
      expect(own !== null, `seed 20260228: ${pattern} in ${text}`).toBe(reference !== null)
      // The longest alternative may be longer than the first that fits, never shorter.
      if (reference && own) expect(own[0]?.length).toBeGreaterThanOrEqual(reference[0].length)
    }
  })
})
