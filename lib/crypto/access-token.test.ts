import { expect, it } from 'vitest'
import { accessTokenKey, hashAccessToken, isAccessTokenText, newAccessToken } from '#lib/crypto/access-token'

it('makes tokens of one shape, each its own', () => {
  const tokens = Array.from({ length: 200 }, newAccessToken)
  expect(new Set(tokens).size).toBe(200)
  for (const token of tokens) {
    expect(token).toMatch(/^mtk_[A-Za-z0-9_-]{43}$/)
    expect(isAccessTokenText(token)).toBe(true)
  }
  const [one = '', other = ''] = tokens
  expect(hashAccessToken(one)).toHaveLength(32)
  expect(hashAccessToken(one).equals(hashAccessToken(other))).toBe(false)
  expect(accessTokenKey(one).equals(accessTokenKey(other))).toBe(false)
  // What is kept says nothing of the key.
  expect(hashAccessToken(one).equals(accessTokenKey(one))).toBe(false)
})

it.each([
  ['nothing', ''],
  ['the prefix', 'mtk_'],
  ['one short', `mtk_${'A'.repeat(42)}`],
  ['one long', `mtk_${'A'.repeat(44)}`],
  ['a second spelling of the same bytes', `mtk_${'A'.repeat(42)}B`],
  ['a line break', `mtk_${'A'.repeat(43)}\n`],
  ['base64', `mtk_${'+'.repeat(42)}A`],
  ['another prefix', `MTK_${'A'.repeat(43)}`],
])('knows that %s is none', (_what, text) => {
  expect(isAccessTokenText(text)).toBe(false)
})
