import { describe, expect, it } from 'vitest'
import { hasBareLineBreak, toCrlf } from './crlf'

describe('line breaks', () => {
  it.each(['', 'abc', 'a\r\nb\r\n', '\r\n\r\n', 'a\0b\r\n'])('accepts %j', (text) => {
    expect(hasBareLineBreak(Buffer.from(text))).toBe(false)
    const raw = Buffer.from(text)
    expect(toCrlf(raw)).toBe(raw)
  })

  it.each([
    ['\n', '\r\n'],
    ['\r', '\r\n'],
    ['a\rb', 'a\r\nb'],
    ['a\nb', 'a\r\nb'],
    ['a\r\r\nb', 'a\r\n\r\nb'],
    ['a\n\r\nb', 'a\r\n\r\nb'],
    ['a\n\rb', 'a\r\n\r\nb'],
    ['a\r\nb\r', 'a\r\nb\r\n'],
    ['\n.\r\n', '\r\n.\r\n'],
    ['\r.\r', '\r\n.\r\n'],
  ])('finds and mends %j', (text, mended) => {
    expect(hasBareLineBreak(Buffer.from(text))).toBe(true)
    expect(toCrlf(Buffer.from(text)).toString()).toBe(mended)
  })
})
