import { expect, it } from 'vitest'
import { corpus, idOf, simple } from './corpus'
import { fill, type MailHouse, useHouse } from './house'
import { describeWith, runWell } from './programs'

const muttConfig = (house: MailHouse) => `
set imap_user="${house.account.address}"
set imap_pass="${house.account.password}"
set folder="imaps://localhost:${house.imap.port}/"
set spoolfile="+INBOX"
set record="+Sent"
set postponed="+Drafts"
set certificate_file="${house.certificate}"
set ssl_force_tls=yes
set sendmail="/bin/true"
set delete=yes
set quit=yes
set move=no
set confirmappend=no
set confirmcreate=no
set sort=mailbox-order
set wait_key=no
set header_cache=""
set mark_old=no
set from="${house.account.address}"
set charset="utf-8"
`

/** What one does in a mailbox: reads the first, flags it, saves the second elsewhere, deletes the third, looks into the other folder. */
const MUTT_KEYS = [
  '<first-entry><display-message><exit>',
  '<flag-message>',
  '<jump>2<enter><save-message>=Archive<enter>',
  '<jump>3<enter><delete-message>',
  '<sync-mailbox>',
  '<limit>~s m10<enter><limit>all<enter>',
  '<limit>=b Text-of-m4<enter><limit>all<enter>',
  '<change-folder>=Archive<enter><display-message><exit>',
  '<change-folder>=INBOX<enter><last-entry><display-message><exit><quit>',
].join('')

const started = (command: string) => `
set timeout 12
log_user 1
set stty_init "rows 40 columns 120"
spawn ${command}
`

/** By the folder as the store has it: messages with their flags. */
const state = async (house: MailHouse, path: string) =>
  (await house.kept(path)).map(({ raw, flags }) => `${idOf(raw)} ${flags.sort().join(' ')}`.trim())

for (const program of ['mutt', 'neomutt'] as const) {
  describeWith([program, 'expect'], program, () => {
    const house = useHouse()

    it('reads, flags, saves, deletes, searches and expunges', async () => {
      const test = house()
      await fill(test, 'INBOX', [...[1, 2, 3, 4].map((n) => simple(`m${n}`)), ...corpus(75, 'c')])
      test.file('rc', `${muttConfig(test)}\npush "${MUTT_KEYS}"\n`)
      test.file(
        'session',
        `${started(`${program} -n -F ${test.home}/rc`)}\nexpect eof\nlassign [wait] pid id os code\nexit $code\n`,
      )
      await runWell('expect', ['session'], { home: test.home })
      const inbox = await state(test, 'INBOX')
      expect(inbox).toHaveLength(77)
      expect(inbox[0]).toBe('m1 \\Flagged \\Seen')
      expect(inbox.slice(1, 4)).toEqual(['m4', 'c0', 'c1'])
      expect(inbox.at(-1)).toBe('c74 \\Seen')
      expect(await state(test, 'Archive')).toEqual(['m2 \\Seen'])
      expect(test.imap.refusals()).toEqual([])
    })
  })
}

describeWith(['mutt'], 'mutt without a screen', () => {
  const house = useHouse()

  it('keeps a copy of what it sends', async () => {
    const test = house()
    test.file('rc', muttConfig(test))
    const input = 'Guten Tag, träge Welt.\n'
    await runWell('mutt', ['-n', '-F', 'rc', '-s', 'Grüße', 'bob@else.example'], { home: test.home, input })
    const [sent] = await test.kept('Sent')
    expect(sent?.raw.toString('utf8')).toContain('To: bob@else.example\r\n')
    expect(sent?.flags).toEqual(['\\Seen'])
    expect(test.imap.refusals()).toEqual([])
  })
})

describeWith(['alpine', 'expect'], 'alpine', () => {
  const house = useHouse()

  it('reads, flags, saves, deletes and expunges', async () => {
    const test = house()
    await fill(test, 'INBOX', [...[1, 2, 3, 4].map((n) => simple(`m${n}`)), ...corpus(75, 'c')])
    const at = `{localhost:${test.imap.port}/ssl/novalidate-cert/user=${test.account.address}}`
    test.file(
      'pinerc',
      `
personal-name=Ann
inbox-path=${at}INBOX
folder-collections=Ours ${at}[]
sort-key=Arrival
initial-keystroke-list=
user-domain=our.example
feature-list=disable-password-file-saving,enable-flag-cmd,quit-without-confirm,expunge-without-confirm,expunge-without-confirm-everywhere,enable-jump-shortcut
last-version-used=7.00
`,
    )
    // Read the first and go back, flag it, save the second (which deletes it here), expunge, quit.
    const keys = ['\\r', '<', '*', '\\r', 'n', 's', 'Archive\\r', 'x', 'q']
    test.file(
      'session',
      `${started(`alpine -p ${test.home}/pinerc -i -n 1`)}
expect -re {PASSWORD} { send "${test.account.password}\\r" } timeout { exit 9 }
expect -re {MESSAGE INDEX|Index} {} timeout { exit 8 }
${keys.map((key) => `after 400\nsend "${key}"`).join('\n')}
expect eof
lassign [wait] pid id os code
exit $code
`,
    )
    const { out } = await runWell('expect', ['session'], { home: test.home })
    expect(out).toContain('MESSAGE INDEX')
    const inbox = await state(test, 'INBOX')
    expect(inbox).toHaveLength(78)
    expect(inbox.slice(0, 3)).toEqual(['m1 \\Flagged \\Seen', 'm3', 'm4'])
    expect(await state(test, 'Archive')).toEqual(['m2'])
    expect(test.imap.refusals()).toEqual([])
  })
})
