import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from '../testing'

let door: TestDoor
/** Changes things. */
let other: LineClient

beforeAll(async () => {
  door = await startTestDoor()
  other = await LineClient.open(await door.secondDoor(), door.account)
  for (const name of ['Lists/a', 'Lists/b', 'Quiet']) await other.run(`CREATE ${name}`)
}, 120_000)

afterAll(async () => {
  other?.end()
  await door?.stop()
}, 60_000)

async function put(path: string, text: string): Promise<number> {
  const store = await door.world.core.stores.open(door.account)
  const { uid } = await store.append(path, {
    raw: Buffer.from(`Subject: ${text}\r\n\r\n${text}\r\n`),
    flags: [],
    receivedAt: new Date(),
  })
  store.close()
  return uid
}

/** A client that watches what `set` says. */
async function watching(set: string, before: readonly string[] = []): Promise<LineClient> {
  const client = await LineClient.open(door.port, door.account)
  for (const command of before) await client.run(command)
  expect(await client.run(`NOTIFY SET ${set}`)).toMatch(/^t\d+ OK/m)
  return client
}

const MESSAGES = '(MessageNew MessageExpunge)'

describe('NOTIFY (RFC 5465)', () => {
  it('tells the state of what it watches, and then each change, of those mailboxes only', async () => {
    const client = await LineClient.open(door.port, door.account)
    const answer = await client.run(
      `NOTIFY SET STATUS (subtree Lists ${MESSAGES}) (mailboxes (Nowhere INBOX) ${MESSAGES})`,
    )
    expect(
      [...answer.matchAll(/^\* STATUS (\S+) \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY \d+ UNSEEN 0\)\r$/gm)].map((m) => m[1]),
    ).toEqual(['INBOX', '"Lists"', '"Lists/a"', '"Lists/b"'])
    await put('Quiet', 'unheard')
    await put('Lists/a', 'heard')
    expect(await client.until(/\* STATUS .*\r\n/)).toMatch(
      /^\* STATUS "Lists\/a" \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1\)\r\n$/,
    )
    await client.run('NOTIFY NONE')
    await put('Lists/a', 'unheard')
    expect(await client.run('NOOP')).toMatch(/^t\d+ OK/)
    client.end()
  })

  it('tells of flags where asked', async () => {
    const client = await watching(`(personal (MessageNew MessageExpunge FlagChange))`, ['ENABLE CONDSTORE'])
    await other.run('SELECT Lists/a')
    await other.run('UID STORE 1 +FLAGS (\\Seen)')
    expect(await client.until(/\* STATUS .*\r\n/)).toMatch(
      /^\* STATUS "Lists\/a" \(UIDVALIDITY \d+ UNSEEN 1 HIGHESTMODSEQ \d+\)\r\n$/,
    )
    await other.run('CLOSE')
    client.end()
  })

  it('tells of the selected mailbox between commands, with what was asked of new messages', async () => {
    const client = await watching(
      '(selected (MessageNew (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))',
      ['SELECT Lists/b'],
    )
    const uid = await put('Lists/b', 'fresh')
    const told = await client.until(/FETCH [\s\S]*?\)\r\n/)
    expect(told).toMatch(
      new RegExp(`^\\* 1 EXISTS\r\n\\* 1 FETCH \\(UID ${uid} FLAGS \\(\\) BODY\\[HEADER.FIELDS \\(SUBJECT\\)\\] `),
    )
    expect(told).toContain('Subject: fresh')
    await other.run('SELECT Lists/b')
    await other.run('STORE 1 +FLAGS (\\Deleted)')
    await client.until(/\* 1 FETCH \(.*\\Deleted.*\r\n/)
    await other.run('CLOSE')
    await client.until(/\* 1 EXPUNGE\r\n/)
    // Another mailbox selected is watched likewise.
    await client.run('SELECT Quiet')
    await put('Quiet', 'once more')
    expect(await client.until(/EXISTS\r\n/)).toMatch(/^\* \d+ EXISTS\r\n$/)
    client.end()
  })

  it('keeps numbers still where asked, until a command allows them to change', async () => {
    await put('Lists/b', 'one')
    const client = await watching('(selected-delayed (MessageNew MessageExpunge))', ['SELECT Lists/b'])
    const before = /\* (\d+) EXISTS/.exec(await other.run('SELECT Lists/b'))?.[1]
    expect(before).toBe('1')
    await other.run('STORE 1 +FLAGS (\\Deleted)')
    await client.until(/\\Deleted/)
    await other.run('CLOSE')
    await put('Lists/b', 'two')
    expect(await client.until(/EXISTS\r\n/)).not.toContain('EXPUNGE')
    expect(await client.run('NOOP')).toMatch(/\* 1 EXPUNGE\r\n/)
    client.end()
  })

  it('tells of names and subscriptions', async () => {
    const client = await watching('(personal (MailboxName SubscriptionChange))')
    await other.run('CREATE Lists/new')
    await other.run('UNSUBSCRIBE Lists/new')
    // Heard of with the next announced change at the latest.
    await put('Quiet', 'x')
    const created = await client.until(/\* LIST [^\r]*Lists\/new"\r\n(?:\* LIST [^\r]*"Lists"\r\n)/)
    expect(created).toMatch(/\* LIST \(\\HasNoChildren[^)]*\) "\/" "Lists\/new"\r\n/)
    await other.run('SUBSCRIBE Lists/new')
    await put('Quiet', 'x')
    expect(await client.until(/\\Subscribed\) "\/" "Lists\/new"\r\n/)).toContain('\\Subscribed')
    await other.run('RENAME Lists Groups')
    await put('Quiet', 'x')
    const renamed = await client.until(/OLDNAME[^\r]*\r\n/)
    expect(renamed).toContain('"Groups" ("OLDNAME" ("Lists"))')
    expect(renamed).not.toContain('Groups/')
    await other.run('DELETE Groups/new')
    await put('Quiet', 'x')
    expect(await client.until(/NonExistent[^\r]*\r\n/)).toContain('* LIST (\\NonExistent) "/" "Groups/new"')
    await other.run('RENAME Groups Lists')
    client.end()
  })

  it('tells of a mailbox that another account shares, as long as it does', async () => {
    const { account, other: bob } = door
    const theirs = `Other Users/${account.address}/Quiet`
    await other.run(`SETACL Quiet ${bob.address} lr`)
    await other.run(`SETACL Lists/a ${bob.address} l`)
    const client = await LineClient.open(door.port, bob)
    expect(await client.run(`NOTIFY SET (subtree "Other Users" (MessageNew MessageExpunge MailboxName))`)).toMatch(
      /^\* LIST \(\\NoAccess\) "\/" "Other Users\/[^"]*\/Lists\/a"\r\nt\d+ OK/,
    )
    await put('Lists/a', 'not for bob')
    await put('Quiet', 'for bob')
    expect(await client.until(/\* STATUS .*\r\n/)).toContain(`* STATUS "${theirs}" (MESSAGES`)
    await other.run(`DELETEACL Quiet ${bob.address}`)
    await put('Quiet', 'no more')
    expect(await client.until(/\* LIST .*\r\n/)).toBe(`* LIST (\\NonExistent) "/" "${theirs}"\r\n`)
    client.end()
  })

  it('tells nothing in the middle of a command', async () => {
    const client = await watching(`(personal ${MESSAGES})`)
    const sent: Promise<number>[] = []
    for (let i = 0; i < 5; i++) {
      sent.push(put('Lists/a', `n${i}`))
      const answer = await client.run('LIST "" Lists')
      // Whatever came stands before the command's own answer, never within it.
      expect(answer).toMatch(/^(?:\* STATUS [^\r]*\r\n)*\* LIST [^\r]*\r\nt\d+ OK Listed\r\n$/)
    }
    await Promise.all(sent)
    client.end()
  })

  it('knows its events, and says which', async () => {
    const client = await LineClient.open(door.port, door.account)
    expect(await client.run('NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))')).toMatch(
      /^t\d+ NO \[BADEVENT \(MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange\)\]/,
    )
    const bad = [
      'NOTIFY',
      'NOTIFY SET',
      'NOTIFY WHAT',
      'NOTIFY SET (personal)',
      'NOTIFY SET (personal ())',
      'NOTIFY SET (nobody NONE)',
      'NOTIFY SET (personal (MessageNew))',
      'NOTIFY SET (personal (FlagChange))',
      'NOTIFY SET (selected (MailboxName))',
      'NOTIFY SET (selected NONE) (selected-delayed NONE)',
      'NOTIFY SET (personal (MessageNew (UID) MessageExpunge))',
      'NOTIFY SET (subtree () (MailboxName))',
      'NOTIFY SET (subtree Lists (MailboxName)',
    ]
    for (const line of bad) expect([line, await client.run(line)]).toEqual([line, expect.stringMatching(/^t\d+ BAD/)])
    client.end()
  })

  it('refuses to watch more than it can', async () => {
    const store = await door.world.core.stores.open(door.account)
    for (let i = 0; i < 5; i++) await store.createFolder(`Deep${i}/${'d/'.repeat(210)}e`)
    const client = await LineClient.open(door.port, door.account)
    expect(await client.run(`NOTIFY SET (personal ${MESSAGES})`)).toMatch(/NO \[NOTIFICATIONOVERFLOW\]/)
    expect(await client.run(`NOTIFY SET (subtree Lists ${MESSAGES})`)).toMatch(/OK/)
    client.end()
    store.close()
  }, 60_000)

  it('does nothing by itself when an idle session has left a changed mailbox', async () => {
    // A note of change left over from the mailbox before once kept the process busy for ever.
    const client = await LineClient.open(door.port, door.account)
    const witness = await LineClient.open(door.port, door.account)
    await client.run('SELECT Quiet')
    await witness.run('SELECT Quiet')
    witness.send('w IDLE\r\n')
    await witness.until(/\+ /)
    await put('Quiet', 'late')
    await witness.until(/EXISTS/)
    witness.end()
    client.send('a UNSELECT\r\nb IDLE\r\n')
    await client.until(/\+ /)
    client.send('DONE\r\n')
    expect(await client.until(/b OK.*\r\n/)).toMatch(/b OK/)
    client.end()
  })
})
