import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { corpus, idOf, simple, unix } from './corpus'
import { fill, type MailHouse, readMaildir, useHouse } from './house'
import { describeWith, runWell } from './programs'

const config = (house: MailHouse) => `
[general]
accounts = ours
metadata = ${house.home}/metadata
maxsyncaccounts = 1
[Account ours]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = ${house.home}/mail
[Repository far]
type = IMAP
remotehost = localhost
remoteport = ${house.imap.port}
remoteuser = ${house.account.address}
remotepass = ${house.account.password}
ssl = yes
sslcacertfile = ${house.certificate}
maxconnections = 2
`

describeWith(['offlineimap'], 'offlineimap', () => {
  const house = useHouse()
  const sync = () =>
    runWell('offlineimap', ['-c', join(house().home, 'offlineimaprc'), '-o', '-u', 'basic'], { home: house().home })

  it('syncs, finds nothing to do the second time, and carries changes of both sides', async () => {
    const test = house()
    test.file('offlineimaprc', config(test))
    const raws = corpus(75)
    await fill(test, 'INBOX', raws)
    await fill(test, 'Träger/Unter', [simple('deep')])
    await sync()
    const inbox = join(test.home, 'mail', 'INBOX')
    const ids = () => readMaildir(inbox).map(({ raw }) => idOf(raw))
    expect(ids().sort()).toEqual(raws.map(idOf).sort())
    expect(readMaildir(join(test.home, 'mail', 'Tr&AOQ-ger.Unter')).map(({ raw }) => idOf(raw))).toEqual(['deep'])
    expect(test.imap.refusals()).toEqual([])

    test.imap.forget()
    await sync()
    const carried = test.imap.commands().filter((line) => /\b(APPEND|STORE|EXPUNGE|BODY\.PEEK\[\])/i.test(line))
    expect(carried).toEqual([])

    const at = (id: string) => readMaildir(inbox).find(({ raw }) => idOf(raw) === id)?.name ?? ''
    writeFileSync(join(inbox, 'new', '1.test.host'), unix(simple('written')))
    rmSync(join(inbox, at('m1')))
    renameSync(
      join(inbox, at('m2')),
      join(
        inbox,
        `${at('m2')
          .replace('new/', 'cur/')
          .replace(/:2,.*$/, '')}:2,FS`,
      ),
    )
    const { id } = await test.store.folder('INBOX')
    const third = (await test.kept('INBOX')).find(({ raw }) => idOf(raw) === 'm3')
    await test.store.remove(id, [third?.uid ?? 0])
    await fill(test, 'INBOX', [simple('arrived')])
    await sync()
    const kept = await test.kept('INBOX')
    const expected = [...raws.map(idOf).filter((one) => one !== 'm1' && one !== 'm3'), 'written', 'arrived'].sort()
    expect(kept.map(({ raw }) => idOf(raw)).sort()).toEqual(expected)
    expect(ids().sort()).toEqual(expected)
    expect(kept.find(({ raw }) => idOf(raw) === 'm2')?.flags.sort()).toEqual(['\\Flagged', '\\Seen'])
    expect(test.imap.refusals()).toEqual([])
  }, 60_000)
})
