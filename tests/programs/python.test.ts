import { expect, it } from 'vitest'
import { corpus, idOf } from './corpus'
import { fill, type MailHouse, useHouse } from './house'
import { describeWith, runWell } from './programs'

const IMAPLIB = `
import imaplib, ssl, sys, base64
port, user, password, ca, count = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
context = ssl.create_default_context(cafile=ca)
def ok(answer):
    assert answer[0] == 'OK', answer
    return answer[1]
m = imaplib.IMAP4_SSL('localhost', port, ssl_context=context)
ok(m.authenticate('PLAIN', lambda _: ('\\0' + user + '\\0' + password).encode()))
assert 'IMAP4REV1' in m.capabilities or 'IMAP4rev1' in str(m.capabilities), m.capabilities
ok(m.namespace()); ok(m.noop()); ok(m.check() if m.state == 'SELECTED' else m.noop())
assert int(ok(m.select('INBOX'))[0]) == count
ok(m.check())
for n in range(1, count + 1):
    part = ok(m.fetch(str(n), '(RFC822 FLAGS)'))
    open('imap.%d' % n, 'wb').write(part[0][1])
assert ok(m.search(None, 'SEEN'))[0].split() == [str(n).encode() for n in range(1, count + 1)]
m.literal = 'Grüße'.encode()
assert ok(m.search('UTF-8', 'SUBJECT'))[0] == b'5', 'by a literal in UTF-8'
ok(m.sort('(REVERSE DATE)', 'UTF-8', 'ALL')); ok(m.thread('REFERENCES', 'UTF-8', 'ALL'))
ok(m.uid('FETCH', '1:*', '(UID ENVELOPE BODYSTRUCTURE INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])'))
ok(m.fetch('1:*', 'ALL')); ok(m.fetch('1:*', 'FULL')); ok(m.fetch('1:*', 'FAST'))
assert b'\\\\Flagged' in ok(m.store('1', '+FLAGS', '(\\\\Flagged)'))[0]
ok(m.store('2', 'FLAGS', '(\\\\Deleted)'))
ok(m.create('"A folder"')); ok(m.copy('1', '"A folder"')); ok(m.rename('"A folder"', 'B'))
ok(m.subscribe('B')); assert any(b'B' in one for one in ok(m.lsub())); ok(m.unsubscribe('B'))
ok(m.append('B', '(\\\\Draft)', imaplib.Time2Internaldate(0), b'Subject: appended\\r\\n\\r\\nwith \\xff\\r\\n'))
assert ok(m.status('B', '(MESSAGES UNSEEN)'))[0].endswith(b'(MESSAGES 2 UNSEEN 1)')
assert ok(m.expunge()) == [b'2']
ok(m.getquotaroot('INBOX')); ok(m.getacl('INBOX')); ok(m.myrights('INBOX'))
ok(m.select('B', readonly=True)); ok(m.unselect()); ok(m.enable('UTF8=ACCEPT')); ok(m.delete('B'))
assert len(ok(m.list())) >= 6
m.logout()
c = imaplib.IMAP4('localhost', int(sys.argv[6])); ok(c.starttls(context)); ok(c.login(user, password)); c.logout()
`

const POPLIB = `
import poplib, ssl, sys
port, user, password, ca, count = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
context = ssl.create_default_context(cafile=ca)
poplib._MAXLINE = 1 << 20
m = poplib.POP3_SSL('localhost', port, context=context)
assert 'UIDL' in m.capa() and 'PIPELINING' in m.capa()
m.user(user); m.pass_(password)
assert m.stat()[0] == count
assert len(m.list()[1]) == len(m.uidl()[1]) == count
for n in range(1, count + 1):
    open('pop3.%d' % n, 'wb').write(b''.join(line + b'\\r\\n' for line in m.retr(n)[1]))
assert len(m.top(1, 1)[1]) > 2
m.dele(1); m.rset(); m.dele(2); m.noop(); m.quit()
c = poplib.POP3('localhost', int(sys.argv[6])); c.stls(context); c.user(user); c.pass_(password); assert c.stat()[0] == count - 1; c.quit()
`

describeWith(['python3'], 'Python', () => {
  const house = useHouse()
  const call = (test: MailHouse, script: string, port: number, count: number, clear: number) => {
    const { address, password } = test.account
    const args = [test.file('session.py', script), port, address, password, test.certificate, count, clear].map(String)
    return runWell('python3', args, { home: test.home })
  }

  it('uses imaplib for every command it knows', async () => {
    const test = house()
    const raws = corpus(25)
    await fill(test, 'INBOX', raws)
    await call(test, IMAPLIB, test.imap.port, raws.length, test.clear.imap)
    for (const [i, raw] of raws.entries()) expect(test.read(`imap.${i + 1}`).equals(raw)).toBe(true)
    const kept = await test.kept('INBOX')
    expect(kept.map(({ raw }) => idOf(raw))).not.toContain('m1')
    expect(kept[0]?.flags.sort()).toEqual(['\\Flagged', '\\Seen'])
    expect(test.imap.refusals()).toEqual([])
  })

  it('uses poplib for every command it knows', async () => {
    const test = house()
    const kept = await test.kept('INBOX')
    await call(test, POPLIB, test.pop3.port, kept.length, test.clear.pop3)
    for (const [i, { raw }] of kept.entries()) {
      const ended = raw.subarray(-2).toString() === '\r\n' ? raw : Buffer.concat([raw, Buffer.from('\r\n')])
      expect(test.read(`pop3.${i + 1}`).equals(ended)).toBe(true)
    }
    expect(await test.kept('INBOX')).toHaveLength(kept.length - 1)
    expect(test.pop3.refusals()).toEqual([])
  })
})
