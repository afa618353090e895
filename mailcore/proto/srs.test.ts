import { describe, expect, it } from 'vitest'
import { makeSrs, readSrs } from './srs'

const key = Buffer.alloc(32, 3)
const now = new Date('2026-11-24T08:00:00Z')
const later = (days: number) => new Date(now.getTime() + days * 86_400_000)
const made = () => makeSrs(key, 'Ann+tag=x@Mail.Ext.test', 'our.test', now) ?? ''
const local = () => made().split('@')[0] ?? ''

describe('SRS', () => {
  it('leads back to the first sender, for fourteen days', () => {
    expect(made()).toMatch(/^srs0=[a-z2-7]{8}=[a-z2-7]{2}=mail\.ext\.test=ann\+tag=x@our\.test$/)
    expect(readSrs(key, local(), now)).toBe('ann+tag=x@mail.ext.test')
    expect(readSrs(key, local(), later(14))).toBe('ann+tag=x@mail.ext.test')
    expect(readSrs(key, local(), later(15))).toBeNull()
  })
  it('holds over the turn of the day counter', () => {
    const last = new Date(1_023 * 86_400_000)
    const address = makeSrs(key, 'a@ext.test', 'our.test', last) ?? ''
    expect(readSrs(key, address.split('@')[0] ?? '', new Date(1_025 * 86_400_000))).toBe('a@ext.test')
  })
  it('cannot be made up, nor altered in any part', () => {
    const text = local()
    expect(readSrs(Buffer.alloc(32, 4), text, now)).toBeNull()
    for (const forged of [
      text.replace('mail.ext', 'evil.ext'),
      text.replace('ann', 'bob'),
      text.replace(/^srs0=./, (one) => (one.endsWith('a') ? 'srs0=b' : 'srs0=a')),
      'srs0=aaaaaaaa=aa=ext.test=a',
      'srs0=',
      'srs0=x',
    ])
      expect(readSrs(key, forged, now)).toBeNull()
  })
  it('gives up on what does not fit into a local part', () => {
    expect(makeSrs(key, `${'x'.repeat(50)}@ext.test`, 'our.test', now)).toBeNull()
    expect(makeSrs(key, '"odd one"@ext.test', 'our.test', now)).toBeNull()
    expect(makeSrs(key, '', 'our.test', now)).toBeNull()
  })
})
