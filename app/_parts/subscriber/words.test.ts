import { describe, expect, it } from 'vitest'
import { countWords, retentionMeaning, sizeWords } from './words'

describe('sizeWords', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_000, '1.0 kB'],
    [9_960, '10 kB'],
    [999_600, '1.0 MB'],
    [1_830_000, '1.8 MB'],
    [30_000_000_000, '30 GB'],
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
