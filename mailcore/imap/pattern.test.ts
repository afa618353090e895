import { describe, expect, it } from 'vitest'
import { shortStructure } from './body-structure'
import { matchesPattern } from './pattern'

describe('LIST patterns', () => {
  it.each([
    ['Archive/2026', '*', true],
    ['Archive/2026', '%', false],
    ['Archive/2026', '%/%', true],
    ['Archive', 'Arch%', true],
    ['Archive', 'arch%', false],
    ['a.b', 'a?b', false],
    ['INBOX', 'INBOX', true],
    ['a/b/c', 'a*c', true],
    ['', '*', true],
  ])('%s against %s: %s', (path, pattern, expected) => {
    expect(matchesPattern(path, pattern)).toBe(expected)
  })

  it('ends on a pattern that explodes in regular expressions', () => {
    expect(matchesPattern('a'.repeat(400), '*a'.repeat(200).concat('b'))).toBe(false)
  })
})

describe('BODY from BODYSTRUCTURE', () => {
  it('drops extension data of single parts, multiparts and enclosed messages', () => {
    const text = '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1 NIL ("inline" NIL) NIL NIL)'
    const short = '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1)'
    const image = '("image" "png" NIL NIL NIL "base64" 9 NIL NIL NIL NIL)'
    const envelope = '(NIL {2}\r\n)( ((NIL NIL "a" "b")(NIL NIL "c" "d")) NIL NIL NIL NIL NIL NIL NIL)'
    const enclosed = `("message" "rfc822" NIL NIL NIL "7bit" 99 ${envelope} ${text} 4 NIL NIL NIL NIL)`
    expect(shortStructure(text)).toBe(short)
    expect(shortStructure(`(${text}${image} "mixed" ("boundary" "x\\")") NIL NIL NIL)`)).toBe(
      `(${short}("image" "png" NIL NIL NIL "base64" 9) "mixed")`,
    )
    expect(shortStructure(enclosed)).toBe(`("message" "rfc822" NIL NIL NIL "7bit" 99 ${envelope} ${short} 4)`)
  })
})
