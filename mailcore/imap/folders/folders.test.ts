import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from '../testing'

let door: TestDoor
let client: LineClient

beforeAll(async () => {
  door = await startTestDoor()
  client = await LineClient.open(door.port, door.account)
}, 120_000)

afterAll(async () => {
  client?.end()
  await door?.stop()
}, 60_000)

/** A message straight into a folder. */
async function put(path: string, text: string, flags: string[] = []): Promise<void> {
  const store = await door.world.core.stores.open(door.account)
  await store.append(path, { raw: Buffer.from(`Subject: ${text}\r\n\r\n${text}\r\n`), flags, receivedAt: new Date() })
  store.close()
}

/** The names of LIST or LSUB, as they stand. */
const namesOf = (answer: string): string[] =>
  [...answer.matchAll(/^\* L(?:IST|SUB) \([^)]*\) "\/" (.*)\r$/gm)].map((m) => (m[1] ?? '').replace(/^"|"$/g, ''))

describe('LIST', () => {
  it('tells the delimiter for an empty pattern', async () => {
    expect(await client.run('LIST "" ""')).toMatch(/^\* LIST \(\\Noselect\) "\/" ""\r\nt\d+ OK/)
    expect(await client.run('LSUB "" ""')).toMatch(/^\* LSUB \(\\Noselect\) "\/" ""\r\nt\d+ OK/)
  })

  it('tells the folders a mailbox begins with, INBOX first, with their uses', async () => {
    const answer = await client.run('LIST "" *')
    expect(namesOf(answer)).toEqual(['INBOX', 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash'])
    expect(answer).toContain('* LIST (\\HasNoChildren \\Sent) "/" "Sent"')
    expect(namesOf(await client.run('LIST "" inbox'))).toEqual(['INBOX'])
  })

  it('answers in the form the client asked for', async () => {
    await client.run('CREATE One/Two/Three')
    expect(namesOf(await client.run('LIST "" One*'))).toEqual(['One', 'One/Two', 'One/Two/Three'])
    expect(namesOf(await client.run('LIST "" One/%'))).toEqual(['One/Two'])
    expect(namesOf(await client.run('LIST One/ %'))).toEqual(['One/Two'])
    expect(namesOf(await client.run('LIST "" (Sent "One/Two" nothing)'))).toEqual(['One/Two', 'Sent'])
    expect(await client.run('LIST "" One')).toContain('(\\HasChildren)')
    expect(await client.run('LIST (SPECIAL-USE) "" *')).toContain('* LIST (\\HasNoChildren \\Junk) "/" "Junk"')
    expect(namesOf(await client.run('LIST (SPECIAL-USE) "" *'))).toHaveLength(5)
    expect(await client.run('LIST "" Sent RETURN (CHILDREN)')).toContain('* LIST (\\HasNoChildren) "/" "Sent"')
    expect(await client.run('LIST "" Sent RETURN (SPECIAL-USE)')).toContain('\\Sent)')
  })

  it('knows subscriptions, also of what lies below', async () => {
    for (const name of ['INBOX', 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash']) await client.run(`UNSUBSCRIBE ${name}`)
    for (const name of ['One', 'One/Two']) await client.run(`UNSUBSCRIBE ${name}`)
    expect(await client.run('SUBSCRIBE One/Two/Three')).toMatch(/OK/)
    expect(namesOf(await client.run('LIST (SUBSCRIBED) "" *'))).toEqual(['One/Two/Three'])
    expect(await client.run('LIST (SUBSCRIBED) "" *')).toContain('\\Subscribed')
    expect(namesOf(await client.run('LIST (SUBSCRIBED) "" %'))).toEqual([])
    expect(await client.run('LIST (SUBSCRIBED RECURSIVEMATCH) "" %')).toBe(
      `* LIST (\\HasChildren) "/" "One" ("CHILDINFO" ("SUBSCRIBED"))\r\n${(await client.run('NOOP')).replace(/t(\d+) .*\r\n$/, (_all, n) => `t${Number(n) - 1} OK Listed\r\n`)}`,
    )
    // All that lies below is told itself, so the levels above need not be.
    expect(namesOf(await client.run('LIST (SUBSCRIBED RECURSIVEMATCH) "" *'))).toEqual(['One/Two/Three'])
    expect(await client.run('LIST "" One/Two/% RETURN (SUBSCRIBED)')).toContain('(\\HasNoChildren \\Subscribed)')
    expect(namesOf(await client.run('LSUB "" *'))).toEqual(['One/Two/Three'])
    expect(await client.run('LSUB "" %')).toContain('* LSUB (\\Noselect) "/" "One"')
    expect(await client.run('SUBSCRIBE Nowhere')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await client.run('UNSUBSCRIBE Nowhere')).toMatch(/^t\d+ OK/)
  })

  it('tells STATUS, rights and annotations with the names', async () => {
    const answer = await client.run(
      'LIST "" (INBOX One) RETURN (STATUS (MESSAGES UNSEEN DELETED) MYRIGHTS METADATA (/private/comment))',
    )
    expect(answer).toContain(
      '* LIST (\\HasNoChildren) "/" INBOX\r\n* STATUS INBOX (MESSAGES 0 UNSEEN 0 DELETED 0)\r\n* MYRIGHTS INBOX lrswipkxteacd\r\n',
    )
    expect(answer).toContain('* METADATA "One" (/private/comment NIL)')
  })

  it.each([
    'LIST',
    'LIST ""',
    'LIST (RECURSIVEMATCH) "" *',
    'LIST (RECURSIVEMATCH REMOTE) "" *',
    'LIST (UNKNOWN) "" *',
    'LIST "" * RETURN (UNKNOWN)',
    'LIST "" * RETURN (STATUS ())',
    'LIST "" * RETURN (STATUS (NONSENSE))',
    'LIST "" (a b',
    'STATUS INBOX',
    'STATUS INBOX ()',
    'STATUS INBOX (MESSAGES',
    'CREATE',
    'RENAME One',
    'SUBSCRIBE',
    'SETQUOTA ""',
  ])('is BAD: %s', async (line) => {
    expect(await client.run(line)).toMatch(/^t\d+ BAD /)
  })

  it('ends on hostile patterns', async () => {
    expect(await client.run(`LIST "" "${'*a'.repeat(500)}"`)).toMatch(/^t\d+ OK/)
    expect(await client.run(`LIST "" (${Array.from({ length: 1_000 }, () => '*%*%z%*').join(' ')})`)).toMatch(
      /^t\d+ OK/,
    )
    expect(await client.run(`LIST "" (${Array.from({ length: 1_001 }, () => 'x').join(' ')})`)).toMatch(/^t\d+ BAD/)
  })
})

describe('CREATE, DELETE and RENAME', () => {
  it('subscribes to nothing by itself', async () => {
    await client.run('CREATE Quiet/Deep')
    expect(await client.run('LSUB "" Quiet*')).toMatch(/^t\d+ OK/)
    await client.run('SUBSCRIBE Quiet/Deep')
    expect(await client.run('CREATE Quiet/Deep')).toMatch(/NO \[ALREADYEXISTS\]/)
    expect(await client.run('LSUB "" Quiet*')).toContain('"Quiet/Deep"')
    await client.run('DELETE Quiet/Deep')
    expect(await client.run('UNSUBSCRIBE Quiet/Deep')).toMatch(/^t\d+ OK/)
    await client.run('DELETE Quiet')
  })

  it('creates once, with an id, and drops the slash at the end', async () => {
    expect(await client.run('CREATE Work/')).toMatch(/^t\d+ OK \[MAILBOXID \([0-9a-f-]{36}\)\]/)
    expect(await client.run('CREATE Work')).toMatch(/^t\d+ NO \[ALREADYEXISTS\]/)
    expect(await client.run('CREATE INBOX')).toMatch(/^t\d+ NO \[ALREADYEXISTS\]/)
    expect(await client.run('CREATE inbox')).toMatch(/^t\d+ NO \[ALREADYEXISTS\]/)
    const id = /MAILBOXID \((.*?)\)/.exec(await client.run('STATUS Work (MAILBOXID)'))?.[1]
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    await client.run('RENAME Work Labour')
    expect(await client.run('STATUS Labour (MAILBOXID)')).toContain(`MAILBOXID (${id})`)
  })

  it.each([
    '""',
    '"a//b"',
    '"/a"',
    '"a/.."',
    '".."',
    '"a*b"',
    '"a%b"',
    `"${'x'.repeat(501)}"`,
    '"Other Users"',
    '"Other Users/"',
    '"Other Users/me"',
    '"Other Users/bob@nowhere/x"',
  ])('refuses to create %s', async (name) => {
    expect(await client.run(`CREATE ${name}`)).toMatch(/^t\d+ NO \[(CANNOT|NOPERM)\]/)
    expect(await client.run(`RENAME Labour ${name}`)).toMatch(/^t\d+ NO \[(CANNOT|NOPERM)\]/)
  })

  it('refuses control characters', async () => {
    client.send('x CREATE {4+}\r\na\tb\x01\r\n')
    expect(await client.until(/x (NO|BAD) .*\r\n/)).toMatch(/x (NO \[CANNOT\]|BAD)/)
  })

  it('gives a special use once (RFC 6154)', async () => {
    expect(await client.run('CREATE Sent2 (USE (\\Sent))')).toMatch(/NO \[USEATTR\]/)
    expect(await client.run('CREATE Every (USE (\\All))')).toMatch(/NO \[USEATTR\]/)
    expect(await client.run('CREATE Both (USE (\\Sent \\Junk))')).toMatch(/NO \[USEATTR\]/)
    expect(await client.run('CREATE Every (WHAT (\\All))')).toMatch(/BAD/)
    expect(await client.run('DELETE Sent')).toMatch(/OK/)
    expect(await client.run('CREATE Posted (USE (\\Sent))')).toMatch(/OK \[MAILBOXID/)
    expect(await client.run('CREATE Posted (USE (\\Sent))')).toMatch(/NO \[ALREADYEXISTS\]/)
    expect(await client.run('LIST "" Posted')).toContain('\\Sent')
  })

  it('writes names as the client reads them', async () => {
    expect(await client.run('CREATE "Entw&APw-rfe &- so"')).toMatch(/OK/)
    expect(await client.run('LIST "" Entw*')).toContain('"Entw&APw-rfe &- so"')
    expect(await client.run('CREATE "&Jjo"')).toMatch(/BAD/)
    const wide = await LineClient.open(door.port, door.account)
    await wide.run('ENABLE IMAP4rev2')
    expect(Buffer.from(await wide.run('LIST "" Entw*'), 'latin1').toString()).toContain('"Entwürfe & so"')
    // Decomposed as a Mac writes it, kept composed: the client is told under which name (RFC 9051 6.3.9.7).
    const told = await wide.run(`CREATE "${Buffer.from('Cafe\u0301').toString('latin1')}"`)
    expect(Buffer.from(told, 'latin1').toString()).toContain('* LIST () "/" "Caf\u00e9" ("OLDNAME" ("Cafe\u0301"))')
    wide.end()
  })

  it('deletes what has nothing below it, and never the inbox', async () => {
    expect(await client.run('DELETE INBOX')).toMatch(/NO \[CANNOT\]/)
    expect(await client.run('DELETE One')).toMatch(/NO \[HASCHILDREN\]/)
    expect(await client.run('DELETE Nowhere')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await client.run('DELETE One/Two/Three')).toMatch(/OK/)
    expect(await client.run('DELETE One/Two/Three')).toMatch(/NO \[NONEXISTENT\]/)
  })

  it('leaves the mailbox it deletes, and stays in one it renames', async () => {
    const session = await LineClient.open(door.port, door.account)
    await session.run('CREATE Brief')
    await put('Brief', 'x')
    await session.run('SELECT Brief')
    expect(await session.run('RENAME Brief Lasting/Deep')).toMatch(/OK/)
    expect(await session.run('FETCH 1 (UID)')).toMatch(/\* 1 FETCH \(UID 1\)/)
    await put('Lasting/Deep', 'y')
    expect(await session.run('NOOP')).toMatch(/OK/)
    expect(await session.run('FETCH 2 (UID)')).toMatch(/\* 2 FETCH \(UID 2\)/)
    expect(await session.run('DELETE Lasting/Deep')).toMatch(/^t\d+ OK/m)
    expect(await session.run('FETCH 1 (UID)')).toMatch(/BAD/)
    expect(await session.run('NOOP')).toMatch(/^t\d+ OK/)
    session.end()
  })

  it('renames with everything below', async () => {
    await client.run('CREATE Top/Middle/Leaf')
    expect(await client.run('RENAME Top New/Top')).toMatch(/OK/)
    expect(namesOf(await client.run('LIST "" New*'))).toEqual([
      'New',
      'New/Top',
      'New/Top/Middle',
      'New/Top/Middle/Leaf',
    ])
    expect(await client.run('RENAME New New/Below')).toMatch(/NO/)
    expect(await client.run('RENAME Nowhere Else')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await client.run('RENAME New Labour')).toMatch(/NO \[ALREADYEXISTS\]/)
  })

  it('moves the messages of INBOX when that is renamed', async () => {
    await put('INBOX', 'x')
    expect(await client.run('RENAME INBOX Old/Mail')).toMatch(/OK/)
    expect(await client.run('STATUS INBOX (MESSAGES)')).toContain('(MESSAGES 0)')
    expect(await client.run('STATUS Old/Mail (MESSAGES)')).toContain('(MESSAGES 1)')
  })
})

describe('STATUS', () => {
  it('tells every item', async () => {
    await client.run('CREATE Counted')
    await put('Counted', 'a', ['\\Seen'])
    await put('Counted', 'b', ['\\Deleted'])
    const answer = await client.run(
      'STATUS Counted (MESSAGES UIDNEXT UNSEEN DELETED SIZE RECENT APPENDLIMIT DELETED-STORAGE MESSAGES)',
    )
    expect(answer).toContain(
      '* STATUS "Counted" (MESSAGES 2 UIDNEXT 3 UNSEEN 1 DELETED 1 SIZE 34 RECENT 0 APPENDLIMIT 52428800 DELETED-STORAGE 17)\r\n',
    )
    expect(await client.run('STATUS Counted (UIDVALIDITY HIGHESTMODSEQ MAILBOXID)')).toMatch(
      /UIDVALIDITY \d+ HIGHESTMODSEQ \d+ MAILBOXID \([0-9a-f-]+\)/,
    )
    expect(await client.run('STATUS Nowhere (MESSAGES)')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await client.run('STATUS "a//b" (MESSAGES)')).toMatch(/NO \[NONEXISTENT\]/)
  })
})

describe('NAMESPACE and QUOTA', () => {
  it('tells where mailboxes stand', async () => {
    expect(await client.run('NAMESPACE')).toContain('* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL\r\n')
  })

  it('tells what is used, in units of 1024', async () => {
    const answer = await client.run('GETQUOTAROOT Counted')
    expect(answer).toMatch(
      /^\* QUOTAROOT "Counted" "User quota"\r\n\* QUOTA "User quota" \(STORAGE 1 \d+ MESSAGE \d+ \d+\)\r\nt\d+ OK/,
    )
    expect(await client.run('GETQUOTA ""')).toMatch(/^\* QUOTA "" \(STORAGE 1 /)
    expect(await client.run('GETQUOTA "User quota"')).toMatch(/^\* QUOTA "User quota" /)
    expect(await client.run('GETQUOTA elsewhere')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await client.run('GETQUOTAROOT Nowhere')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await client.run('SETQUOTA "" (STORAGE 999999)')).toMatch(/NO \[NOPERM\]/)
  })
})

describe('an account of four thousand folders', () => {
  it('is listed with its counters in one go', async () => {
    const { account } = door
    const store = await door.world.core.stores.open(account)
    // As deep as a path may be long: levels are folders too.
    for (let i = 0; i < 20; i++) await store.createFolder(`Many${i}/${'d/'.repeat(200)}e`)
    const answer = await client.run('LIST "" Many* RETURN (STATUS (MESSAGES UNSEEN DELETED))')
    expect(namesOf(answer)).toHaveLength(20 * 202)
    expect(answer.match(/^\* STATUS /gm)).toHaveLength(20 * 202)
    expect(namesOf(await client.run(`LIST "" "${'*d'.repeat(200)}x"`))).toEqual([])
    store.close()
  }, 60_000)
})
