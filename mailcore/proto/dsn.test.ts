import { describe, expect, it } from 'vitest'
import { parseDate } from './date'
import { buildBounce } from './dsn'
import { firstValue, readHeader } from './header'
import { parseMessage } from './mime/parse'
import { receivedAtMx, receivedAtSubmission, returnPath } from './received'

const bounce = {
  reportingMta: 'mx.our.test',
  originalSender: 'a@our.test',
  recipient: 'b@ext.test',
  code: 550,
  enhanced: '5.1.1',
  originalHeaders: 'From: a@our.test\r\nSubject: hi\r\n',
  now: new Date('2026-11-23T10:00:00Z'),
  messageId: 'abc123@mx.our.test',
}

describe('buildBounce', () => {
  it('is a multipart/report with status and headers only (RFC 3464)', () => {
    const raw = buildBounce({ ...bounce, remoteText: '550 no such user' })
    const root = parseMessage(raw)
    expect(root.children.map((part) => `${part.type}/${part.subtype}`)).toEqual([
      'text/plain',
      'message/delivery-status',
      'text/rfc822-headers',
    ])
    const header = readHeader(raw)
    expect(firstValue(header, 'auto-submitted')).toBe('auto-replied')
    expect(firstValue(header, 'to')).toBe('<a@our.test>')
    expect(raw.toString()).toContain('Final-Recipient: rfc822; b@ext.test\r\nAction: failed\r\nStatus: 5.1.1\r\n')
    expect(/[^\r]\n|\r[^\n]/.test(raw.toString('latin1'))).toBe(false)
  })

  it('lets neither the remote text nor the recipient add a line (CVE-2020-8794)', () => {
    const text = buildBounce({
      ...bounce,
      remoteText: '550 x\r\nX-Evil: 1\r\n\r\n--=_abc\u2028\0',
      recipient: 'b\r\nX-Evil: 2@ext.test',
      originalSender: 'a@our.test>\r\nX-Evil: 3',
      originalHeaders: 'A: 1\r\n\r\nX: body\n--=_abc123mxourtest--\r\n',
      enhanced: '5\r\nX-Evil: 4',
    }).toString()
    expect(text).not.toMatch(/^X-Evil/m)
    expect(text).toContain('Status: 5.0.0')
    expect(parseMessage(Buffer.from(text)).children).toHaveLength(3)
  })
})

describe('trace fields', () => {
  const now = new Date('2026-01-05T03:04:05Z')
  it('names the peer at the MX and nobody at submission', () => {
    expect(
      receivedAtMx({
        peer: '192.0.2.1',
        helo: 'mail.ext.test',
        by: 'mx.our.test',
        extended: true,
        tls: true,
        id: 'i1',
        now,
      }),
    ).toBe(
      'Received: from mail.ext.test ([192.0.2.1])\r\n\tby mx.our.test with ESMTPS id i1;\r\n\tMon, 5 Jan 2026 03:04:05 +0000\r\n',
    )
    expect(receivedAtSubmission({ by: 'mx.our.test', id: 'i1', now })).toBe(
      'Received: by mx.our.test with ESMTPSA id i1;\r\n\tMon, 5 Jan 2026 03:04:05 +0000\r\n',
    )
  })

  it('keeps a hostile HELO and sender on their line', () => {
    const line = receivedAtMx({
      peer: '::1',
      helo: 'x)\r\nEvil: 1',
      by: 'm',
      extended: false,
      tls: false,
      id: 'i',
      now,
    })
    expect(line).not.toMatch(/^Evil/m)
    expect(returnPath('a@b>\r\nEvil: 1')).toBe('Return-Path: <a@bEvil: 1>\r\n')
    expect(returnPath('')).toBe('Return-Path: <>\r\n')
  })
})

describe('parseDate', () => {
  it.each([
    ['Mon, 23 Nov 2026 12:00:00 +0200', '2026-11-23T10:00:00.000Z'],
    ['23 Nov 2026 12:00 -0130 (comment)', '2026-11-23T13:30:00.000Z'],
    ['Mon, 23 Nov 99 12:00:00 EST', '1999-11-23T17:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(parseDate(text)?.toISOString()).toBe(iso)
  })
  it.each(['', 'yesterday', '2026-11-23', 'Mon, 40 Nov 2026 12:00:00 +0000', 'Mon, 1 Foo 2026 12:00:00 +0000'])(
    'refuses %j',
    (text) => {
      expect(parseDate(text)).toBeNull()
    },
  )
})
