import { describe, expect, it } from 'vitest'
import { compilePattern, matchesPattern } from './pattern'

/** The plain meaning, for comparison. */
function plainly(path: string, pattern: string): boolean {
  if (pattern === '') return path === ''
  const [first = ''] = pattern
  if (first !== '*' && first !== '%') return path[0] === first && plainly(path.slice(1), pattern.slice(1))
  if (plainly(path, pattern.slice(1))) return true
  return path !== '' && (first === '*' || path[0] !== '/') && plainly(path.slice(1), pattern)
}

describe('LIST patterns', () => {
  it.each([
    ['Archive/2026', '*', true],
    ['Archive/2026', '%', false],
    ['Archive/2026', '%/%', true],
    ['Archive', 'Arch%', true],
    ['Archive', 'arch%', false],
    ['a.b', 'a?b', false],
    ['INBOX', 'INBOX', true],
    ['INBOX', 'in%', true],
    ['INBOX', '*bOx', true],
    ['INBOX/Sub', 'inbox/*', true],
    ['INBOX/Sub', 'i*Sub', true],
    ['INBOX/Sub', 'i*sub', false],
    ['INBOXES', 'in*', false],
    ['Work/INBOX', 'Work/in*', false],
    ['a/b/c', 'a*c', true],
    ['', '*', true],
    ['a%', 'a', false],
    ['Entwürfe', 'Entw%e', true],
  ])('%s against %s: %s', (path, pattern, expected) => {
    expect(matchesPattern(path, pattern)).toBe(expected)
  })

  it('agrees with the plain meaning on every short name and pattern', () => {
    const words = (letters: string, most: number): string[] =>
      most === 0 ? [''] : ['', ...words(letters, most - 1).flatMap((w) => [...letters].map((l) => l + w))]
    for (const pattern of words('a/*%', 4)) {
      const matches = compilePattern(pattern)
      for (const path of words('ab/', 4))
        expect([path, pattern, matches(path)]).toEqual([path, pattern, plainly(path, pattern)])
    }
  })

  it('carries over the borders of words', () => {
    const long = 'abcdefgh'.repeat(12)
    for (let cut = 0; cut <= long.length; cut++) {
      expect(matchesPattern(long, `${long.slice(0, cut)}*${long.slice(cut)}`)).toBe(true)
      expect(matchesPattern(long, `${long.slice(0, cut)}%x${long.slice(cut)}`)).toBe(false)
    }
  })

  it('ends on a pattern that explodes in regular expressions, for ten thousand names', () => {
    const matches = compilePattern('*a'.repeat(200).concat('b'))
    for (let i = 0; i < 10_000; i++) expect(matches('a'.repeat(401))).toBe(false)
  })
})
