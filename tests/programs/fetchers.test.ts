import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { corpus, idOf, SHAPES, unix } from './corpus'
import { fill, type MailHouse, makeMaildir, readMaildir, useHouse } from './house'
import { describeWith, run, runWell } from './programs'

const raws = corpus(50)

/** POP3 has no message without an end of line at its end. */
const ended = (text: string): string => text.replace(/\n?$/, '\n')

/** Messages of the account that do not stand in a list byte for byte, exactly once. */
const missing = (fetched: readonly string[], wanted = raws): string[] =>
  wanted.filter((raw) => fetched.filter((one) => ended(one) === ended(unix(raw))).length !== 1).map(idOf)

/** Shapes that getmail changes: Python's email package writes a very long field and broken multiparts its own way. */
const RENDERED = new Set([7, 13, 15])

describeWith(['fetchmail'], 'fetchmail', () => {
  const house = useHouse()

  const config = (test: MailHouse, protocol: 'POP3' | 'IMAP', port: number, options: string) => `
set no bouncemail
set no syslog
set invisible
poll localhost with proto ${protocol} port ${port} uidl
  user "${test.account.address}" password "${test.account.password}"
  ssl sslcertck sslcertfile "${test.certificate}"
  mda "sh ${test.home}/deliver" ${options}
`
  const fetched = (test: MailHouse) => readdirSync(join(test.home, 'in')).length
  const fetch = (test: MailHouse) =>
    run('fetchmail', ['-v', '-N', '-d0', '-f', join(test.home, 'fetchmailrc'), '-i', join(test.home, 'uids')], {
      home: test.home,
    })

  it('fetches once over POP3 with keep, and all with expunge over IMAP', async () => {
    const test = house()
    await fill(test, 'INBOX', raws)
    mkdirSync(join(test.home, 'in'))
    test.file('deliver', `exec cat > "${test.home}/in/$$.$(date +%N)"\n`)
    test.file('fetchmailrc', config(test, 'POP3', test.pop3.port, 'keep'))
    expect((await fetch(test)).code).toBe(0)
    expect(fetched(test)).toBe(raws.length)
    // 1: there was nothing new.
    expect((await fetch(test)).code).toBe(1)
    expect(fetched(test)).toBe(raws.length)
    expect(await test.kept('INBOX')).toHaveLength(raws.length)
    expect(test.pop3.refusals()).toEqual([])

    test.file('fetchmailrc', config(test, 'IMAP', test.imap.port, 'nokeep fetchall expunge 7'))
    const { code, out, err } = await fetch(test)
    expect(code).toBe(0)
    expect(out + err).not.toMatch(/mismatch/i)
    expect(fetched(test)).toBe(2 * raws.length)
    expect(await test.kept('INBOX')).toEqual([])
    expect(test.imap.refusals()).toEqual([])
    const ids = readdirSync(join(test.home, 'in')).map((name) => idOf(readFileSync(join(test.home, 'in', name))))
    for (const raw of raws) expect(ids.filter((id) => id === idOf(raw))).toHaveLength(2)
  }, 60_000)
})

describeWith(['getmail'], 'getmail6', () => {
  const house = useHouse()
  const config = (test: MailHouse, kind: 'IMAP' | 'POP3', port: number) => `
[retriever]
type = Simple${kind}SSLRetriever
server = localhost
port = ${port}
username = ${test.account.address}
password = ${test.account.password}
ca_certs = ${test.certificate}
[destination]
type = Maildir
path = ${test.home}/${kind}/
[options]
read_all = false
delete = ${kind === 'POP3'}
delivered_to = false
received = false
`

  it('fetches every byte over IMAP and POP3, once, and deletes what it was told to', async () => {
    const test = house()
    await fill(test, 'INBOX', raws)
    for (const kind of ['IMAP', 'POP3'] as const) {
      makeMaildir(join(test.home, kind))
      test.file('getmailrc', config(test, kind, kind === 'IMAP' ? test.imap.port : test.pop3.port))
      const get = () =>
        runWell('getmail', ['-g', test.home, '-r', join(test.home, 'getmailrc')], {
          home: test.home,
          unprivileged: true,
        })
      await get()
      await get()
      const there = readMaildir(join(test.home, kind))
      expect(there).toHaveLength(raws.length)
      const own = (raw: Buffer) =>
        unix(raw)
          .replace(/^Return-Path: .*\n/, '')
          .replace(/^X-getmail-.*\n/m, '')
      const faithful = raws.filter((_, i) => !RENDERED.has(i % SHAPES))
      expect(
        missing(
          there.map(({ raw }) => own(raw)),
          faithful,
        ),
      ).toEqual([])
      expect(there.map(({ raw }) => idOf(raw)).sort()).toEqual(raws.map(idOf).sort())
      expect(await test.kept('INBOX')).toHaveLength(kind === 'IMAP' ? raws.length : 0)
    }
    expect([...test.imap.refusals(), ...test.pop3.refusals()]).toEqual([])
  }, 60_000)
})

describeWith(['mpop'], 'mpop', () => {
  const house = useHouse()

  it('fetches every byte with pipelining, once, and deletes', async () => {
    const test = house()
    await fill(test, 'INBOX', raws)
    makeMaildir(join(test.home, 'Maildir'))
    const config = (keep: 'on' | 'off') => `
account default
host localhost
port ${test.pop3.port}
user ${test.account.address}
password ${test.account.password}
auth plain
tls on
tls_starttls off
tls_trust_file ${test.certificate}
pipelining on
received_header off
keep ${keep}
uidls_file ${test.home}/uids
delivery maildir ${test.home}/Maildir
`
    for (const keep of ['on', 'off'] as const) {
      const rc = test.file('mpoprc', config(keep))
      await runWell('mpop', ['-C', rc], { home: test.home })
      const there = readMaildir(join(test.home, 'Maildir'))
      expect(there).toHaveLength(raws.length)
      expect(missing(there.map(({ raw }) => unix(raw)))).toEqual([])
      expect(await test.kept('INBOX')).toHaveLength(keep === 'on' ? raws.length : 0)
    }
    expect(test.pop3.refusals()).toEqual([])
  })
})
