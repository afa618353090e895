import { describe, expect, it } from 'vitest'
import { mboxrdEntry } from '#server/services/export/mboxrd'

const at = new Date('2026-11-02T09:05:00Z')

describe('mboxrd', () => {
  it('quotes From_ lines once more, however often they are quoted, and keeps every byte', () => {
    const raw = Buffer.from('Subject: \xe9\r\n\r\nFrom a\r\n>From b\r\nFrom\r\n>>From c\r\nx From d\r\n', 'latin1')
    const entry = mboxrdEntry(raw, at).toString('latin1')
    expect(entry).toBe(
      'From MAILER-DAEMON Mon Nov  2 09:05:00 2026\nSubject: \xe9\n\n>From a\n>>From b\nFrom\n>>>From c\nx From d\n\n',
    )
  })

  it('ends a message without a last line end', () => {
    expect(mboxrdEntry(Buffer.from('A: b\r\n\r\nend'), at).toString()).toMatch(/\nend\n\n$/)
  })
})
