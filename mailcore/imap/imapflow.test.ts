import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestDoor } from './testing'

let test: Awaited<ReturnType<typeof startTestDoor>>
let client: ImapFlow
beforeAll(async () => {
  test = await startTestDoor()
  client = new ImapFlow({
    host: '127.0.0.1',
    port: test.port,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'ann@example.test', pass: 'pass word ' },
    logger: false,
  })
  await client.connect()
})
afterAll(async () => {
  await client.logout()
  await test.door.stop()
})

describe('imapflow', () => {
  it('lists folders with their uses', async () => {
    const folders = await client.list()
    const uses = folders.map(({ path, specialUse }) => `${path} ${specialUse ?? ''}`)
    for (const use of ['INBOX \\Inbox', 'Sent \\Sent', 'Trash \\Trash', 'Junk \\Junk', 'Drafts \\Drafts'])
      expect(uses).toContain(use)
  })

  it('appends, reads, flags, moves and deletes', async () => {
    const raw =
      'From: Ann <ann@example.test>\r\nTo: bob@example.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHallo\r\n'
    const appended = await client.append('INBOX', raw, ['\\Seen'])
    expect(appended).toMatchObject({ uid: 1 })
    const lock = await client.getMailboxLock('INBOX')
    try {
      const message = await client.fetchOne('1', {
        uid: true,
        flags: true,
        envelope: true,
        bodyStructure: true,
        source: true,
        size: true,
      })
      if (!message) throw new Error('no message')
      expect(message.source?.toString()).toBe(raw)
      expect(message.size).toBe(raw.length)
      expect(message.envelope?.subject).toBe('Grüße')
      expect(message.envelope?.to?.[0]?.address).toBe('bob@example.test')
      expect(message.bodyStructure?.type).toBe('text/plain')
      expect([...(message.flags ?? [])]).toEqual(['\\Seen'])
      await client.messageFlagsAdd('1', ['\\Flagged'], { uid: true })
      expect(await client.search({ flagged: true }, { uid: true })).toEqual([1])
      const moved = await client.messageMove('1', 'Archive', { uid: true })
      expect(moved && [...(moved.uidMap ?? [])]).toEqual([[1, 1]])
    } finally {
      lock.release()
    }
    await client.mailboxCreate('Träger/Unter')
    expect((await client.list()).map((folder) => folder.path)).toContain('Träger/Unter')
    expect(await client.status('Archive', { messages: true, uidNext: true })).toMatchObject({ messages: 1, uidNext: 2 })
    expect(await client.getQuota('INBOX')).toMatchObject({ storage: { limit: 976_563 * 1024 } })
  })

  it('reads ten thousand messages, whole and by metadata', async () => {
    const path = 'Junk'
    for (let i = 0; i < 10_000; i++)
      test.world.deliver(test.account.accountId, `Subject: n${i}\r\n\r\nbody ${i}\r\n`, { path })
    const lock = await client.getMailboxLock(path)
    try {
      let next = 1
      for await (const message of client.fetch('1:*', { flags: true, envelope: true, size: true }))
        expect(message.uid).toBe(next++)
      expect(next).toBe(10_001)
      let bodies = 0
      for await (const message of client.fetch('1:*', { source: true }))
        bodies +=
          message.source?.toString() === `Subject: n${message.seq - 1}\r\n\r\nbody ${message.seq - 1}\r\n` ? 1 : 0
      expect(bodies).toBe(10_000)
    } finally {
      lock.release()
    }
  }, 60_000)
})
