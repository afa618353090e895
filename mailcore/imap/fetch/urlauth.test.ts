import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { LineClient, literalsOf, startTestDoor, type TestDoor } from '../testing'
import { readUrl } from './url'

let door: TestDoor
let ann: LineClient
let bob: LineClient
let base: string

const MESSAGE = 'Subject: secret\r\n\r\nthe body'

beforeAll(async () => {
  door = await startTestDoor()
  ann = await LineClient.open(door.port, door.account)
  bob = await LineClient.open(door.port, door.other)
  await ann.append('INBOX', MESSAGE)
  base = `imap://${encodeURIComponent(door.account.address)}@mail.example.test/INBOX/;UID=1`
})
afterAll(async () => {
  ann.end()
  bob.end()
  await door.stop()
})

const generate = async (client: LineClient, rump: string): Promise<string> => {
  const answer = await client.run(`GENURLAUTH "${rump}" INTERNAL`)
  return /^\* GENURLAUTH "([^"]+)"\r\n/.exec(answer)?.[1] ?? answer
}
const fetchUrl = async (client: LineClient, url: string): Promise<string | null> => {
  const answer = await client.run(`URLFETCH "${url}"`)
  expect(answer).toMatch(/^\* URLFETCH "/)
  return answer.includes('" NIL\r\n') ? null : (literalsOf(answer)[0] ?? '')
}

describe('URLAUTH', () => {
  it('gives what the URL names to whom it is for', async () => {
    const forBob = await generate(ann, `${base}/;SECTION=TEXT;URLAUTH=user+${encodeURIComponent(door.other.address)}`)
    expect(forBob).toMatch(/;URLAUTH=user\+[^:]+:internal:[0-9a-f]{32,}$/)
    expect(await fetchUrl(bob, forBob)).toBe('the body')
    expect(await fetchUrl(ann, forBob)).toBeNull()
    const anyone = await generate(ann, `${base};URLAUTH=anonymous`)
    expect(await fetchUrl(bob, anyone)).toBe(MESSAGE)
    expect(await fetchUrl(bob, anyone.replace(':internal:', ':INTERNAL:'))).toBe(MESSAGE)
    expect(await fetchUrl(bob, await generate(ann, `${base};URLAUTH=authuser`))).toBe(MESSAGE)
    const submit = await generate(ann, `${base};URLAUTH=submit+${encodeURIComponent(door.account.address)}`)
    expect(await fetchUrl(ann, submit)).toBe(MESSAGE)
    expect(await fetchUrl(bob, submit)).toBeNull()
    const both = await bob.run(`URLFETCH "${anyone}" "${submit}"`)
    expect(both).toMatch(/^\* URLFETCH "[^"]+" \{27\}\r\n[\s\S]*\* URLFETCH "[^"]+" NIL\r\nt\d+ OK/)
    const partial = await generate(ann, `${base}/;SECTION=TEXT/;PARTIAL=4.2;URLAUTH=anonymous`)
    expect(await fetchUrl(bob, partial)).toBe('bo')
  })

  it('opens the keys of the owner no longer than it reads, whatever was asked', async () => {
    const good = await generate(ann, `${base};URLAUTH=anonymous`)
    const { stores } = door.world.core
    const open = stores.open.bind(stores)
    let opened = 0
    const spy = vi.spyOn(stores, 'open').mockImplementation(async (account) => {
      const store = await open(account)
      opened++
      const close = () => {
        opened--
        store.close()
      }
      return { ...store, close }
    })
    expect(await fetchUrl(bob, good)).toBe(MESSAGE)
    expect(await fetchUrl(bob, good.replace(/INBOX/, 'Nowhere'))).toBeNull()
    expect(
      await fetchUrl(
        bob,
        good.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
      ),
    ).toBeNull()
    expect(spy).toHaveBeenCalledTimes(3)
    expect(opened).toBe(0)
    spy.mockRestore()
  })

  it('gives nothing for a forged, altered, expired or reset one', async () => {
    const good = await generate(ann, `${base}/;SECTION=TEXT;URLAUTH=anonymous`)
    await ann.append('INBOX', 'Subject: other\r\n\r\nother')
    expect(
      await fetchUrl(
        bob,
        good.replace(/[0-9a-f]$/, (c) => (c === '0' ? '1' : '0')),
      ),
    ).toBeNull()
    expect(await fetchUrl(bob, good.replace('UID=1', 'UID=2'))).toBeNull()
    expect(await fetchUrl(bob, good.replace('/;SECTION=TEXT', ''))).toBeNull()
    expect(await fetchUrl(bob, good.replace('anonymous', 'authuser'))).toBeNull()
    expect(await fetchUrl(bob, good.replace(/:internal:.*/, ''))).toBeNull()
    expect(await fetchUrl(bob, good.replace(/:internal:.*/, ':internal:'))).toBeNull()
    expect(await fetchUrl(bob, good.replace(/:internal:.*/, `:internal:${'0'.repeat(66)}`))).toBeNull()
    expect(await fetchUrl(bob, good.replace(':internal:', ':other:'))).toBeNull()
    const expired = await generate(ann, `${base};EXPIRE=2001-01-01T00:00:00Z;URLAUTH=anonymous`)
    expect(await fetchUrl(bob, expired)).toBeNull()
    const later = await generate(ann, `${base};EXPIRE=2999-01-01T00:00:00Z;URLAUTH=anonymous`)
    expect(await fetchUrl(bob, later)).toBe(MESSAGE)
    expect(await fetchUrl(bob, later.replace('2999', '2998'))).toBeNull()
    expect(await fetchUrl(bob, good)).toBe('the body')
    expect(await ann.run('RESETKEY INBOX INTERNAL')).toMatch(/OK \[URLMECH INTERNAL\]/)
    expect(await fetchUrl(bob, good)).toBeNull()
    const again = await generate(ann, `${base};URLAUTH=anonymous`)
    expect(await fetchUrl(bob, again)).toBe(MESSAGE)
    expect(await ann.run('RESETKEY')).toMatch(/OK /)
    expect(await fetchUrl(bob, again)).toBeNull()
  })

  it('speaks for nobody else', async () => {
    expect(await bob.run(`GENURLAUTH "${base};URLAUTH=anonymous" INTERNAL`)).toMatch(/^t\d+ NO \[BADURL /)
    // A token of one's own does not open another's mailbox under one's own name.
    const own = await generate(bob, `imap://${door.other.address}@x/INBOX/;UID=1;URLAUTH=anonymous`)
    expect(await fetchUrl(bob, own.replace(door.other.address, door.account.address))).toBeNull()
    expect(await fetchUrl(ann, own)).toBeNull()
    expect(await ann.run('GENURLAUTH "imap://nobody@x/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL')).toMatch(/ NO /)
    expect(await ann.run(`GENURLAUTH "${base.replace('INBOX', 'None')};URLAUTH=anonymous" INTERNAL`)).toMatch(/ NO /)
    // What an owner shares and then shares no more.
    await ann.run('CREATE Team')
    await ann.append('Team', 'shared')
    await ann.run(`SETACL Team ${door.other.address} lr`)
    const team = `imap://${door.other.address}@x/Other%20Users/${door.account.address}/Team/;UID=1;URLAUTH=user+${door.other.address}`
    const url = await generate(bob, team)
    expect(await fetchUrl(bob, url)).toBe('shared')
    expect(await bob.run(`RESETKEY "Other Users/${door.account.address}/Team"`)).toMatch(/NO \[NOPERM\]/)
    await ann.run(`DELETEACL Team ${door.other.address}`)
    expect(await fetchUrl(bob, url)).toBeNull()
  })

  it.each([
    'GENURLAUTH',
    'GENURLAUTH NIL NIL',
    'GENURLAUTH "imap://a@b/INBOX/;UID=1" INTERNAL',
    'GENURLAUTH "imap://a@b/INBOX/;UID=1;URLAUTH=anonymous"',
    'GENURLAUTH "imap://a@b/INBOX/;UID=1;URLAUTH=anonymous:internal:00" INTERNAL',
    'GENURLAUTH "imap://a@b/INBOX/;UID=1;URLAUTH=anonymous" XSAMPLE',
    'GENURLAUTH "/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL',
    'URLFETCH',
    `URLFETCH${' x'.repeat(101)}`,
  ])('refuses %s', async (command) => {
    expect(await ann.run(command)).toMatch(/^t\d+ BAD /)
  })

  it('answers NIL to what is no URL', async () => {
    expect(await ann.run('URLFETCH NIL "" imap://')).toMatch(/^(\* URLFETCH "[^"]*" NIL\r\n){3}t\d+ OK/)
  })
})

describe('readUrl', () => {
  it('reads the parts', () => {
    expect(
      readUrl(
        'IMAP://ann%40x;AUTH=*@host:143/a%2Fb;uidvalidity=7/;uid=20/;section=1.mime/;partial=3.4;expire=2030-01-01T00:00:00Z;urlauth=submit+Fred:internal:AB',
      ),
    ).toMatchObject({
      user: 'ann@x',
      absolute: true,
      mailbox: 'a/b',
      uidValidity: 7,
      uid: 20,
      section: { path: [1], extent: 'mime' },
      start: 3,
      count: 4,
      expiresAt: Date.UTC(2030, 0, 1),
      rump: 'IMAP://ann%40x;AUTH=*@host:143/a%2Fb;uidvalidity=7/;uid=20/;section=1.mime/;partial=3.4;expire=2030-01-01T00:00:00Z;urlauth=submit+Fred',
      access: 'submit+fred',
      mechanism: 'INTERNAL',
      token: 'AB',
    })
    expect(readUrl('/;UID=1')).toMatchObject({ absolute: false, uid: 1 })
    expect(readUrl(';UID=1')?.mailbox).toBeUndefined()
    expect(readUrl('/inbox/sub/;UID=1')?.mailbox).toBe('INBOX/sub')
  })

  it.each([
    '',
    '/a/;UID=01x',
    '/a/;UID=4294967296',
    '/a;UIDVALIDITY=x/;UID=1',
    'imap://@h/a/;UID=1;URLAUTH=user+',
    '/a/;UID=1;URLAUTH=a:b',
    '/a/;UID=1;URLAUTH=anonymous:internal',
    '/a/;UID=1;EXPIRE=tomorrow',
    '/a/;UID=1;EXPIRE=2030-99-99T00:00:00Z',
    '/%zz/;UID=1',
    '/a/;UID=1;SECTION=1;SECTION=1',
    '/a/;UID=1;PARTIAL=1;SECTION=1',
    '/a b/;UID=1',
  ])('has no use for %j', (text) => {
    expect(readUrl(text)).toBeUndefined()
  })
})
