import { ImapFlow, type ImapFlowOptions } from 'imapflow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpus, idOf, simple } from './corpus'
import { fill, useHouse } from './house'
import { until } from './programs'

describe('imapflow', () => {
  const house = useHouse()
  const open = async (options: Partial<ImapFlowOptions> = {}): Promise<ImapFlow> => {
    const { imap, account } = house()
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: imap.port,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: account.address, pass: account.password },
      logger: false,
      ...options,
    })
    await client.connect()
    return client
  }
  let client: ImapFlow
  beforeAll(async () => {
    client = await open({ qresync: true })
  })
  afterAll(async () => {
    await client.logout()
  })

  it('lists folders with their uses', async () => {
    const folders = await client.list({ statusQuery: { messages: true, unseen: true } })
    const uses = folders.map(({ path, specialUse }) => `${path} ${specialUse ?? ''}`)
    for (const use of ['INBOX \\Inbox', 'Sent \\Sent', 'Trash \\Trash', 'Junk \\Junk', 'Drafts \\Drafts'])
      expect(uses).toContain(use)
    expect(folders.find(({ path }) => path === 'INBOX')?.status).toMatchObject({ messages: 0, unseen: 0 })
  })

  it('appends, reads, flags, searches, copies, moves and deletes', async () => {
    const raw = Buffer.from(
      'From: Ann <ann@example.test>\r\nTo: bob@example.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHallo\r\n',
    )
    expect(await client.append('INBOX', raw, ['\\Seen'])).toMatchObject({ uid: 1 })
    const lock = await client.getMailboxLock('INBOX')
    try {
      const message = await client.fetchOne('1', {
        uid: true,
        flags: true,
        envelope: true,
        bodyStructure: true,
        source: true,
        size: true,
        internalDate: true,
        threadId: true,
        bodyParts: ['1'],
        headers: ['subject'],
      })
      if (!message) throw new Error('no message')
      expect(message.source).toEqual(raw)
      expect(message.size).toBe(raw.length)
      expect(message.envelope?.subject).toBe('Grüße')
      expect(message.envelope?.to?.[0]?.address).toBe('bob@example.test')
      expect(message.bodyStructure?.type).toBe('text/plain')
      expect(message.bodyParts?.get('1')?.toString()).toBe('Hallo\r\n')
      expect(message.headers?.toString()).toContain('Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=')
      expect([...(message.flags ?? [])]).toEqual(['\\Seen'])
      expect(message.emailId).toBeTruthy()
      await client.messageFlagsAdd('1', ['\\Flagged', '$Work'], { uid: true })
      for (const query of [
        { flagged: true },
        { subject: 'grüße' },
        { body: 'hallo' },
        { keyword: '$Work' },
        { from: 'ann@' },
      ])
        expect(await client.search(query, { uid: true })).toEqual([1])
      expect(await client.search({ or: [{ seen: false }, { larger: 100_000 }] }, { uid: true })).toEqual([])
      expect(await client.download('1', undefined, { uid: true })).toMatchObject({ meta: { expectedSize: raw.length } })
      const copied = await client.messageCopy('1', 'Drafts', { uid: true })
      expect(copied && [...(copied.uidMap ?? [])]).toEqual([[1, 1]])
      const moved = await client.messageMove('1', 'Archive', { uid: true })
      expect(moved && [...(moved.uidMap ?? [])]).toEqual([[1, 1]])
    } finally {
      lock.release()
    }
    await client.mailboxCreate('Träger/Unter')
    await client.mailboxSubscribe('Träger/Unter')
    await client.mailboxRename('Träger/Unter', 'Träger/Über')
    expect((await client.list()).map((folder) => folder.path)).toContain('Träger/Über')
    await client.mailboxDelete('Träger/Über')
    expect(await client.status('Archive', { messages: true, uidNext: true, highestModseq: true })).toMatchObject({
      messages: 1,
      uidNext: 2,
    })
    expect((await client.getQuota('INBOX')) || {}).toMatchObject({ storage: { limit: expect.any(Number) } })
    const drafts = await client.getMailboxLock('Drafts')
    expect(await client.messageDelete('1:*', { uid: true })).toBe(true)
    drafts.release()
    expect(await house().kept('Drafts')).toEqual([])
  })

  it('hears of changes while it idles, and catches up by QRESYNC and CHANGEDSINCE', async () => {
    const test = house()
    await fill(
      test,
      'Watched',
      [1, 2, 3, 4].map((n) => simple(`w${n}`)),
    )
    const folder = await test.store.folder('Watched')
    const heard: string[] = []
    client.on('exists', ({ count }) => heard.push(`exists ${count}`))
    client.on('expunge', ({ uid, vanished }) => heard.push(`gone ${uid} ${vanished}`))
    client.on('flags', ({ uid, flags }) => heard.push(`flags ${uid} ${[...flags].join(' ')}`))
    await client.mailboxOpen('Watched')
    const since = client.mailbox
      ? { modseq: client.mailbox.highestModseq, uidValidity: client.mailbox.uidValidity }
      : null
    const idle = client.idle()
    await until(() => test.imap.commands().includes('IDLE'), 'IDLE')
    await fill(test, 'Watched', [simple('w5')])
    await test.store.changeFlags(folder.id, [2], { action: 'add', flags: ['\\Flagged'] })
    // What is told together comes in the server's order, expunges first.
    await until(() => heard.length >= 2, 'news of the flag')
    await test.store.remove(folder.id, [1])
    await until(() => heard.length >= 3, 'news while idle')
    expect(heard).toEqual(['exists 5', 'flags 2 \\Flagged', 'gone 1 true'])
    await client.noop()
    await idle
    const changed: number[] = []
    for await (const { uid } of client.fetch('1:*', { flags: true }, { changedSince: since?.modseq })) changed.push(uid)
    expect(changed.sort()).toEqual([2, 5])

    const second = await open({ qresync: true })
    const late: string[] = []
    second.on('expunge', ({ uid, vanished, earlier }) => late.push(`gone ${uid} ${vanished} ${earlier}`))
    second.on('flags', ({ uid }) => late.push(`flags ${uid}`))
    await second.mailboxOpen('Watched', { changedSince: since?.modseq, uidValidity: since?.uidValidity })
    expect(late.sort()).toEqual(['flags 2', 'flags 5', 'gone 1 true true'])
    await second.logout()
  })

  it('reads two thousand messages, whole and by metadata', async () => {
    const test = house()
    const raws = corpus(2000)
    await fill(test, 'Many', raws)
    const lock = await client.getMailboxLock('Many')
    try {
      let next = 1
      for await (const { uid } of client.fetch('1:*', { flags: true, envelope: true, size: true, bodyStructure: true }))
        expect(uid).toBe(next++)
      expect(next).toBe(raws.length + 1)
      let same = 0
      for await (const { seq, source } of client.fetch('1:*', { source: true }))
        same += source && raws[seq - 1]?.equals(source) ? 1 : 0
      expect(same).toBe(raws.length)
      expect(idOf((await test.kept('Many'))[1999]?.raw ?? Buffer.alloc(0))).toBe('m1999')
    } finally {
      lock.release()
    }
    expect(test.imap.refusals()).toEqual([])
  }, 60_000)
})
