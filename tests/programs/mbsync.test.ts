import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pause } from '#lib/lifecycle'
import { corpus, idOf, simple, unix } from './corpus'
import { fill, type MailHouse, readMaildir, useHouse } from './house'
import { describeWith, run, runWell, start } from './programs'

const FOLDERS = { INBOX: 'INBOX', 'Träger/Unter': 'Tr&AOQ-ger/Unter', Lists: 'Lists' } as const
type Path = keyof typeof FOLDERS
const PATHS: readonly Path[] = ['INBOX', 'Träger/Unter', 'Lists']
const KILLS = 20
/** Commands that carry something over. */
const CARRIES = /\b(APPEND|STORE|BODY\.PEEK\[\])/

/** What each message should end as; `owner` is the side that changes its flags. */
interface Expected {
  path: Path
  raw: Buffer
  owner: 'server' | 'local'
  /** as in a Maildir's names */
  letters: Set<string>
  /** Its \Seen is only taken away; of all others flags are only added. A flag given and taken again around a kill is nobody's to know. */
  seenAtFirst: boolean
  gone: boolean
}

const LETTERS: Readonly<Record<string, string>> = { '\\Flagged': 'F', '\\Answered': 'R', '\\Seen': 'S' }
const lettersOfFlags = (flags: readonly string[]): string[] => flags.flatMap((flag) => LETTERS[flag] ?? []).sort()
const seen = (i: number) => i % 3 === 0

const config = (house: MailHouse) => `
IMAPAccount ours
Host localhost
Port ${house.imap.port}
User ${house.account.address}
Pass ${house.account.password}
SSLType IMAPS
CertificateFile ${house.certificate}
SystemCertificates no

IMAPStore far
Account ours

MaildirStore near
Path ${house.home}/mail/
Inbox ${house.home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX Lists Tr*
Create Both
Expunge Both
Sync All
SyncState *
CopyArrivalDate yes
`

/** mbsync marks what it carries with a field of its own. */
const withoutMark = (text: string): string => text.replace(/^X-TUID: .*\n/m, '')
const maildirOf = (house: MailHouse, path: Path) => join(house.home, 'mail', FOLDERS[path])
const lettersOf = (name: string): string[] => [...(/:2,([A-Z]*)$/.exec(name)?.[1] ?? '')].sort()

describeWith(['mbsync'], 'mbsync', () => {
  const house = useHouse()
  const sync = () => runWell('mbsync', ['-c', join(house().home, 'mbsyncrc'), 'all'], { home: house().home })

  it('fetches every byte, carries flags, new mail and deletions both ways, and survives twenty kills', async () => {
    const test = house()
    test.file('mbsyncrc', config(test))
    mkdirSync(join(test.home, 'mail'))
    const messages = new Map<string, Expected>()
    const expectOne = (path: Path, raw: Buffer, owner: Expected['owner'], seenAtFirst = false) => {
      const letters = new Set(seenAtFirst ? ['S'] : [])
      messages.set(idOf(raw), { path, raw, owner, letters, seenAtFirst, gone: false })
    }
    for (const path of PATHS) {
      const raws = corpus(100, `${path.slice(0, 2)}-`.toLowerCase())
      await fill(test, path, raws, (i) => (seen(i) ? ['\\Seen'] : []))
      for (const [i, raw] of raws.entries()) expectOne(path, raw, i % 2 === 0 ? 'server' : 'local', seen(i))
    }
    expect(messages.size).toBe(300)

    await sync()
    for (const path of PATHS) {
      const there = readMaildir(maildirOf(test, path))
      expect(there).toHaveLength(100)
      for (const { raw } of there) {
        const one = messages.get(idOf(raw))
        expect(withoutMark(unix(raw))).toBe(one ? unix(one.raw) : 'unknown')
      }
    }
    expect(test.imap.refusals()).toEqual([])
    test.imap.forget()
    await sync()
    expect(test.imap.commands().filter((line) => CARRIES.test(line))).toEqual([])

    let made = 0
    const change = async (path: Path, round: number) => {
      for (let i = 0; i < 3; i++) {
        const far = simple(`far${++made}`)
        expectOne(path, far, 'server')
        await fill(test, path, [far])
        const near = simple(`near${++made}`)
        expectOne(path, near, 'local')
        writeFileSync(join(maildirOf(test, path), 'new', `${made}.${randomBytes(6).toString('hex')}.test`), unix(near))
      }
      await changeOnServer(test, path, messages, round)
      changeLocally(test, path, messages, round)
    }
    let killed = 0
    let inTheMiddle = 0
    for (let round = 0; killed < KILLS && round < 2 * KILLS; round++) {
      for (const path of PATHS) {
        await change(path, round)
        // mbsync waits for a second where a Maildir has just changed.
        for (const part of ['cur', 'new']) utimesSync(join(maildirOf(test, path), part), 1, 1)
      }
      test.imap.forget()
      const one = start('mbsync', ['-c', join(test.home, 'mbsyncrc'), 'all'], { home: test.home })
      const enough = test.imap.heard(CARRIES, 1 + ((round * 7) % 30))
      await Promise.race([enough, one.ended])
      const during = change(PATHS[round % PATHS.length] ?? 'INBOX', round + 5)
      await pause(round % 4)
      one.kill('SIGKILL')
      if ((await one.ended).code === null) killed++
      await during
      // What the killed program had sent is worked off before the next one starts.
      await test.imap.quiet()
      if (test.imap.commands().some((line) => CARRIES.test(line))) inTheMiddle++
    }
    expect(killed).toBe(KILLS)
    expect(inTheMiddle).toBeGreaterThanOrEqual(KILLS)
    await sync()
    await sync()
    const trouble = await differences(test, messages)
    expect(trouble).toEqual([])
    expect(test.imap.refusals()).toEqual([])
    expect((await run('mbsync', ['-c', join(test.home, 'mbsyncrc'), '-l', 'all'], { home: test.home })).code).toBe(0)
  }, 40_000)
})

const pick = <T>(list: readonly T[], n: number): T[] => list.filter((_, i) => i % 17 === n % 17)

/** The flag to change in a round, and whether it comes or goes. */
function nextFlag(one: Expected, round: number): { flag: string; letter: string; action: 'add' | 'remove' } {
  const [flag, letter] = Object.entries(LETTERS)[round % 3] ?? ['\\Seen', 'S']
  return { flag, letter, action: letter === 'S' && one.seenAtFirst ? 'remove' : 'add' }
}

async function changeOnServer(test: MailHouse, path: Path, messages: Map<string, Expected>, round: number) {
  const kept = await test.kept(path)
  const { id } = await test.store.folder(path)
  const mine = kept.filter(({ raw }) => messages.get(idOf(raw))?.owner === 'server')
  for (const { uid, raw } of pick(mine, round)) {
    const one = messages.get(idOf(raw))
    if (!one) continue
    const { flag, letter, action } = nextFlag(one, round)
    await test.store.changeFlags(id, [uid], { action, flags: [flag] })
    if (action === 'add') one.letters.add(letter)
    else one.letters.delete(letter)
  }
  const last = mine.at(-(round + 3))
  const one = last && messages.get(idOf(last.raw))
  if (!one) return
  await test.store.remove(id, [last.uid])
  one.gone = true
}

function changeLocally(test: MailHouse, path: Path, messages: Map<string, Expected>, round: number) {
  const maildir = maildirOf(test, path)
  const mine = readMaildir(maildir).filter(({ raw }) => messages.get(idOf(raw))?.owner === 'local')
  mine.sort((a, b) => a.name.localeCompare(b.name))
  const last = mine.at(-(round + 3))
  for (const { name, raw } of [...pick(mine, round), ...(last ? [last] : [])]) {
    const one = messages.get(idOf(raw))
    if (!one || one.gone) continue
    const { letter, action } = name === last?.name ? { letter: 'T', action: 'add' } : nextFlag(one, round)
    const letters = new Set(lettersOf(name))
    if (action === 'add') letters.add(letter)
    else letters.delete(letter)
    // What has flags stands in cur, where a mail program moves what it has shown.
    const to = `${name.replace(/:2,[A-Z]*$/, '').replace(/^new/, 'cur')}:2,${[...letters].sort().join('')}`
    try {
      renameSync(join(maildir, name), join(maildir, to))
    } catch {
      // mbsync has renamed it in between: not changed, then.
      continue
    }
    if (letter === 'T') one.gone = true
    else if (action === 'add') one.letters.add(letter)
    else one.letters.delete(letter)
  }
}

/** Messages that are lost, double or altered, on either side. */
async function differences(test: MailHouse, messages: Map<string, Expected>): Promise<string[]> {
  const found: string[] = []
  for (const path of PATHS) {
    const far = (await test.kept(path)).map(({ raw, flags }) => ({ raw, letters: lettersOfFlags(flags).join('') }))
    const near = readMaildir(maildirOf(test, path)).map(({ raw, name }) => ({ raw, letters: lettersOf(name).join('') }))
    for (const [id, one] of messages) {
      if (one.path !== path) continue
      for (const [side, list] of [
        ['server', far],
        ['local', near],
      ] as const) {
        const same = list.filter(({ raw }) => idOf(raw) === id)
        if (same.length !== (one.gone ? 0 : 1)) found.push(`${side}: ${same.length} of ${id}, gone: ${one.gone}`)
        const letters = [...one.letters].sort().join('')
        for (const { raw, letters: has } of same) {
          if (withoutMark(unix(raw)) !== unix(one.raw)) found.push(`${side}: ${id} is altered`)
          if (has !== letters && !one.gone) found.push(`${side}: ${id} has flags ${has}, not ${letters}`)
        }
      }
    }
    if (readdirSync(join(maildirOf(test, path), 'tmp')).length > KILLS) found.push(`${path}: much is left in tmp`)
  }
  return found
}
