import { describe, expect, it } from 'vitest'
import { messageDocument } from '#server/web/message-document'

describe('messageDocument', () => {
  it.each([
    '<link rel=preconnect href=https://spy.example>',
    '<LINK\nrel=dns-prefetch href=//spy.example>',
    '<link/rel=stylesheet href=http://10.0.0.1/a.css>',
    '<meta http-equiv="refresh" content="0;url=https://spy.example">',
    '<base href="https://spy.example/">',
    '<lin<link href=https://spy.example>',
  ])('renames the element in %j', (html) => {
    const document = messageDocument(html, [])
    const body = document.slice(document.indexOf('<body>'))
    expect(body).not.toMatch(/<(?:link|meta|base)[\s/>]/i)
    expect(body).toContain('<x-')
  })

  it('lets no link choose its referrer or keep the window', () => {
    const document = messageDocument('<a href="https://x.example" rel="opener" referrerpolicy="unsafe-url">x</a>', [])
    expect(document).toContain('href="https://x.example"')
    expect(document).not.toMatch(/[^-]rel\s*=|[^-]referrerpolicy\s*=/)
  })

  it('shows the pictures of the message itself and no others', () => {
    const pictures = [{ contentId: 'a@b', mimeType: 'image/png', content: Buffer.from('png') }]
    const document = messageDocument('<img src="cid:a@b"><img src=cid:a%40b><img src="cid:other">', pictures)
    expect(document.split('data:image/png;base64,cG5n')).toHaveLength(3)
    expect(document).toContain('cid:other')
  })

  it('embeds no more than a bound, however often a picture is referred to', () => {
    const content = Buffer.alloc(3 * 1024 * 1024)
    const document = messageDocument('<img src="cid:a@b">'.repeat(100), [
      { contentId: 'a@b', mimeType: 'image/png', content },
    ])
    expect(document.length).toBeLessThan(40 * 1024 * 1024)
    expect(document).toContain('data:image/png')
  })
})
