import { describe, expect, it } from 'vitest'
import { nextPath } from '#server/auth/next-path'

describe('nextPath', () => {
  it('keeps a path of ours with its query', () => {
    expect(nextPath('/dashboard/mail?folder=INBOX')).toBe('/dashboard/mail?folder=INBOX')
  })
  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/..//evil.example',
    '/a\nb',
    '/api/auth/signout',
    '',
    null,
    undefined,
  ])('refuses %s', (wanted) => {
    expect(nextPath(wanted, '/home')).toBe('/home')
  })
})
