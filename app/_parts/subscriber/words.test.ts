import { describe, expect, it } from 'vitest'
import { countWords, retentionMeaning, sizeWords } from './words'

describe('sizeWords', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_024, '1 kB'],
    [1_000_000, '977 kB'],
    [1_900_000, '1.8 MB'],
    [5 * 2 ** 30, '5 GB'],
    [30 * 2 ** 30, '30 GB'],
    [-5, '0 bytes'],
  ])('%d is %s', (bytes, words) => expect(sizeWords(bytes)).toBe(words))
})

describe('countWords', () => {
  it('groups thousands and knows one from many', () => {
    expect(countWords(1, 'message', 'messages')).toBe('1 message')
    expect(countWords(1_204, 'message', 'messages')).toBe('1,204 messages')
  })
})

describe('retentionMeaning', () => {
  it('says that nothing comes back at zero days', () => expect(retentionMeaning(0)).toContain('at once'))
  it('names the days', () => expect(retentionMeaning(14)).toContain('14 days'))
})
