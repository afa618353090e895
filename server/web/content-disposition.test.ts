import { describe, expect, it } from 'vitest'
import { attachmentDisposition } from '#server/web/content-disposition'

describe('attachmentDisposition', () => {
  it('keeps a plain name', () => {
    expect(attachmentDisposition('report 1.pdf')).toBe(
      `attachment; filename="report 1.pdf"; filename*=UTF-8''report%201.pdf`,
    )
  })
  it('carries other scripts in UTF-8', () => {
    expect(attachmentDisposition('Übersicht.pdf')).toBe(
      `attachment; filename="_bersicht.pdf"; filename*=UTF-8''%C3%9Cbersicht.pdf`,
    )
  })
  it.each([
    '../../etc/passwd',
    'a"; filename="evil.html',
    'a\r\nSet-Cookie: x=1',
    'photo\u202egpj.exe',
    '..',
    '',
    '\ud800',
  ])('makes %j harmless', (name) => {
    const header = attachmentDisposition(name)
    expect(header).toMatch(/^attachment; filename="[^"\\/\r\n]+"; filename\*=UTF-8''[A-Za-z0-9%._~!-]+$/)
    expect(header).not.toMatch(/[\r\n\u202e]|\.\.\//)
  })
})
