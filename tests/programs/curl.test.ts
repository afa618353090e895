import { expect, it } from 'vitest'
import { createAccessToken } from '#server/services/credential/create-access-token'
import { corpus, idOf, simple, unix } from './corpus'
import { fill, useHouse } from './house'
import { describeWith, runWell } from './programs'

describeWith(['curl'], 'curl', () => {
  const house = useHouse()

  const curl = async (url: string, ...args: string[]): Promise<string> => {
    const { home, certificate, account } = house()
    const sign = args.includes('--oauth2-bearer') ? account.address : `${account.address}:${account.password}`
    const all = ['-sS', '--max-time', '30', '--cacert', certificate, '-u', sign, ...args, url]
    return (await runWell('curl', all, { home })).out
  }
  const imap = (path: string, ...args: string[]) => curl(`imaps://localhost:${house().imap.port}/${path}`, ...args)
  const pop3 = (path: string, ...args: string[]) => curl(`pop3s://localhost:${house().pop3.port}/${path}`, ...args)

  it('lists, reads by UID, number and section, searches, uploads, flags, moves and expunges over imaps', async () => {
    const test = house()
    const raws = [1, 2, 3].map((n) => simple(`m${n}`, n === 3 ? 'needle' : 'hay'))
    await fill(test, 'INBOX', [...raws, ...corpus(25, 'c')])
    await fill(test, 'Träger', [])
    const list = await imap('')
    expect(list).toMatch(/^\* LIST \([^)]*\\Trash[^)]*\) "\/" "?Trash"?\r$/m)
    expect(list).toMatch(/"Tr&AOQ-ger"/)
    expect(await imap('', '-X', 'EXAMINE INBOX')).toMatch(/^\* 28 EXISTS\r$/m)
    expect(await imap('INBOX;UID=2')).toBe(raws[1]?.toString('latin1'))
    expect(await imap('INBOX;MAILINDEX=3')).toBe(raws[2]?.toString('latin1'))
    for (const [i, raw] of corpus(25, 'c').entries())
      expect(await imap(`INBOX;UID=${4 + i}`)).toBe(raw.toString('latin1'))
    expect(await imap('INBOX;UID=3;SECTION=HEADER.FIELDS%20(SUBJECT)')).toBe('Subject: needle\r\n\r\n')
    expect(await imap('INBOX;UID=1;SECTION=TEXT')).toBe('Text of m1.\r\n')
    expect(await imap('INBOX?SUBJECT%20needle')).toBe('* SEARCH 3\r\n')
    expect(await imap('INBOX?BODY%20%22Text%20of%20m2%22')).toBe('* SEARCH 2\r\n')
    expect(await imap('INBOX', '-X', 'FETCH 1:2 (UID RFC822.SIZE)')).toMatch(
      /^\* 2 FETCH \(UID 2 RFC822.SIZE \d+\)\r$/m,
    )
    const upload = test.file('upload', simple('uploaded'))
    await imap('Tr%26AOQ-ger', '-T', upload)
    expect((await test.kept('Träger')).map(({ raw }) => unix(raw))).toEqual([unix(simple('uploaded'))])
    expect(await imap('INBOX', '-X', 'STORE 1 +FLAGS (\\Flagged \\Deleted $Work)')).toMatch(/^\* 1 FETCH .*\$Work/m)
    await imap('INBOX', '-X', 'UID MOVE 2 Archive')
    expect(await imap('INBOX', '-X', 'EXPUNGE')).toBe('* 1 EXPUNGE\r\n')
    expect(await imap('', '-X', 'STATUS INBOX (MESSAGES UIDNEXT)')).toMatch(/MESSAGES 26 UIDNEXT 29/)
    expect((await test.kept('Archive')).map(({ raw }) => idOf(raw))).toEqual(['m2'])
    await imap('', '-X', 'NOOP')
    expect(test.imap.refusals()).toEqual([])
  }, 60_000)

  it('lists, reads, peeks and deletes over pop3s', async () => {
    const test = house()
    const here = await test.kept('INBOX')
    expect((await pop3('')).trim().split('\r\n')).toHaveLength(here.length)
    expect(await pop3('1')).toBe(here[0]?.raw.toString('latin1'))
    expect((await pop3('', '-X', 'UIDL')).trim().split('\r\n')).toHaveLength(here.length)
    expect(await pop3('', '-X', 'TOP 1 0')).toMatch(/^Subject: needle\r$/m)
    await pop3('', '-I', '-X', 'DELE 1')
    expect(await test.kept('INBOX')).toHaveLength(here.length - 1)
    expect(test.pop3.refusals()).toEqual([])
  }, 60_000)

  it('goes over to TLS on the clear ports', async () => {
    const { clear } = house()
    expect(await curl(`imap://localhost:${clear.imap}/`, '--ssl-reqd')).toContain('INBOX')
    expect(await curl(`pop3://localhost:${clear.pop3}/`, '--ssl-reqd')).toMatch(/^1 \d+\r$/m)
  })

  it('signs in with an access token', async () => {
    const { world, account, imap: door } = house()
    const target = { tenantId: account.tenantId, accountId: account.accountId }
    const { token } = await createAccessToken(world.ctx, account.actor, { ...target, label: 'curl', hours: 1 })
    for (const mechanism of ['OAUTHBEARER', 'XOAUTH2']) {
      const options = ['--oauth2-bearer', token, '--login-options', `AUTH=${mechanism}`]
      expect(await imap('', ...options)).toContain('INBOX')
      expect(await pop3('', ...options)).toMatch(/^1 \d+\r$/m)
    }
    expect(door.refusals()).toEqual([])
    expect(door.dialogue()).toContain('AUTHENTICATE OAUTHBEARER')
  })
})
