import { describe, expect, it } from 'vitest'
import { baseSubject } from './base-subject'

describe('baseSubject (RFC 5256 2.1)', () => {
  it.each([
    ['hello', 'hello', false],
    ['Re: hello', 'hello', true],
    ['RE : Re:hello', 'hello', true],
    ['Fwd: hello (fwd)', 'hello', true],
    ['FW: hello', 'hello', true],
    ['hello (FWD) (fwd)  ', 'hello', true],
    ['Re[2]: hello', 'hello', true],
    ['Re [2] : hello', 'hello', true],
    ['[list] Re: hello', 'hello', true],
    ['[list] hello', 'hello', false],
    ['[a] [b] Re: [c] fw: hello', 'hello', true],
    ['[a][b]', '[b]', false],
    ['[only]', '[only]', false],
    ['Re: [only]', '[only]', true],
    ['[fwd: hello]', 'hello', true],
    ['[Fwd: Re: [list] hello (fwd)]', 'hello', true],
    ['[fwd: [fwd: hello]]', 'hello', true],
    ['[fwd:]', '', true],
    ['Re: ', '', true],
    ['Re', 'Re', false],
    ['Reply: hello', 'Reply: hello', false],
    ['a\tb\r\n   c', 'a b c', false],
    ['=?utf-8?q?Re=3A_gr=C3=BC=C3=9Fe?=', 'grüße', true],
    ['[[x] hello', '[[x] hello', false],
    ['', '', false],
  ])('%j', (subject, text, reply) => {
    expect(baseSubject(subject)).toEqual({ text, reply })
  })

  it('stays linear on what is made to be slow', () => {
    expect(baseSubject('[a]'.repeat(100_000)).text).toBe('[a]')
    expect(baseSubject('Re: '.repeat(100_000)).text).toBe('')
    expect(baseSubject(`${'[fwd: '.repeat(50_000)}x${']'.repeat(50_000)}`).text).toBe('x')
    expect(baseSubject('('.repeat(100_000)).text).toHaveLength(100_000)
    expect(baseSubject('x (fwd)'.repeat(1) + ' (fwd)'.repeat(50_000)).text).toBe('x')
    expect(baseSubject(`${'[a] '.repeat(50_000)}re${' '.repeat(50_000)}x`).text).toBe(`re x`)
  })
})
