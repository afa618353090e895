import { describe, expect, it } from 'vitest'
import { removeClientTraces } from './strip'

const options = { ownDomain: 'our.test', now: new Date('2026-11-23T10:00:00Z'), newToken: () => 'token' }
const strip = (text: string, more = {}) => {
  const { raw, removed } = removeClientTraces(Buffer.from(text, 'latin1'), { ...options, ...more })
  return { text: raw.toString('latin1'), removed }
}

describe('removeClientTraces', () => {
  it('drops what tells of place, device or software, and Bcc', () => {
    const { text, removed } = strip(
      'Received: from canary ([10.1.2.3])\r\n by x\r\nX-Originating-IP: [10.1.2.3]\r\nUser-Agent: Canary/1\r\nX-Mailer: Canary\r\n' +
        'X-PHP-Originating-Script: 1:canary\r\nX-Client-Ip: canary\r\nX-Source-Args: canary\r\nX-Authenticated-User: canary\r\n' +
        'Bcc: canary@x.test\r\nReturn-Path: <canary@x.test>\r\nAuthentication-Results: canary\r\nFrom: a@our.test\r\n' +
        'Date: Mon, 23 Nov 2026 12:00:00 +0200\r\nMessage-ID: <x@our.test>\r\nMIME-Version: 1.0\r\n\r\ncanary is a word here\r\n',
    )
    expect(text).toBe(
      'From: a@our.test\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <x@our.test>\r\nMIME-Version: 1.0\r\n\r\ncanary is a word here\r\n',
    )
    expect(removed).toContain('received')
    expect(removed).toContain('bcc')
    expect(removed).toContain('date')
    expect(removed).not.toContain('message-id')
  })

  it('adds Date and Message-ID, and a second one of either goes', () => {
    expect(strip('From: a\r\n\r\nx').text).toBe(
      'From: a\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <token@our.test>\r\n\r\nx',
    )
    const twice = strip('Message-ID: <a@b.test>\r\nMessage-ID: <c@laptop.lan>\r\nDate: x\r\nDate: y\r\n\r\n').text
    expect(twice.match(/Message-ID/g)).toHaveLength(1)
    expect(twice).not.toContain('laptop')
    expect(twice.match(/Date/g)).toHaveLength(1)
  })

  it.each([
    '<x@laptop>',
    '<x@[10.0.0.1]>',
    '<x@10.0.0.1>',
    '<x@localhost>',
    '<x@mac.local>',
    '<x@pc.fritz.box>',
    '<x@::1>',
    'x',
    '<x@y@z.test>',
  ])('replaces Message-ID %s', (id) => {
    expect(strip(`Message-ID: ${id}\r\n\r\n`).text).toContain('Message-ID: <token@our.test>\r\n')
  })

  it('replaces a Message-ID that ends in the name of EHLO, and keeps a public one', () => {
    expect(strip('Message-ID: <x@pc.corp.test>\r\n\r\n', { clientName: 'PC.corp.test' }).text).toContain(
      '<token@our.test>',
    )
    expect(strip('Message-ID: <x@mail.corp.test>\r\n\r\n').text).toContain('<x@mail.corp.test>')
  })

  it('leaves the body byte for byte, 8-bit included, and keeps folded MIME fields', () => {
    const body = '\xff\xfe\0\r\n--b\r\nReceived: not a field\r\n'
    const { text } = strip(
      `Content-Type: multipart/mixed;\r\n\tboundary="b"\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <a@b.test>\r\n\r\n${body}`,
    )
    expect(
      text.endsWith(`\tboundary="b"\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <a@b.test>\r\n\r\n${body}`),
    ).toBe(true)
  })

  it('makes bare line breaks CRLF', () => {
    expect(strip('From: a\nDate: x\nMessage-ID: <a@b.test>\n\na\rb\n').text).toMatch(/\r\n\r\na\r\nb\r\n$/)
  })
})
