import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { connect, type Databases, openDatabases } from '#db/client'
import { type Clock, systemClock } from '#lib/clock'
import { Fault } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import type { Delivery, Leased, Mailbox, MailStore, MailStores } from '#mailcore/ports'
import type { Action, SieveEnv, SieveOutcome } from '#mailcore/sieve/types'
import { createDelivery } from '#mailcore/store/delivery'
import { createIntakeFeed } from '#mailcore/store/intake-feed'
import { createMailStores } from '#mailcore/store/mail-store'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import type { FilterOptions, Interpreter } from './parts'
import { startFilter } from './worker'

let world: World
let delivery: Delivery
let house: Awaited<ReturnType<World['makeHouse']>>
let made = 0
const started: Running[] = []

beforeAll(async () => {
  world = await createWorld()
  house = await world.makeHouse()
  delivery = createDelivery({ db: world.db, log: silentLog })
})
afterEach(async () => {
  for (const running of started.splice(0)) await running.stop()
})
afterAll(() => world.close())

/** In place of the language: scripts are named, and do what stands here. */
type Program = (env: SieveEnv) => Promise<Partial<SieveOutcome>> | Partial<SieveOutcome>
const programs = new Map<string, Program>()
const sieve: Interpreter = {
  compile: (text) =>
    text.startsWith('broken')
      ? { ok: false, errors: [{ line: 7, message: 'This is no command: "broken".' }] }
      : { ok: true, warnings: [], script: { program: { name: text } as never, extensions: [] } },
  run: async (script, env) => {
    const program = programs.get((script.program as unknown as { name: string }).name)
    if (!program) throw new Error('no such program')
    return { actions: [], implicitKeep: true, ...(await program(env)) }
  },
}

function start(options: Partial<FilterOptions> = {}, db: Databases = world.db): Promise<Running> {
  const starting = startFilter({
    feed: createIntakeFeed(db),
    stores: createMailStores({ db, keys: world.core.keys, log: silentLog }),
    directory: world.core.directory,
    queue: world.core.queue,
    sieve,
    clock: systemClock,
    log: silentLog,
    hostname: 'mail.test',
    srsKey: world.lookupKey,
    concurrency: 3,
    retryMs: 20,
    ...options,
  })
  void starting.then((running) => started.push(running))
  return starting
}

interface Person {
  account: TestAccount
  mailbox: Mailbox
  store: MailStore
}

async function newPerson(program: Program | 'broken'): Promise<Person> {
  const account = await world.makeAccount(house.tenant, { address: `f${++made}@${house.domain}` })
  const [found] = await world.core.directory.resolve([account.address])
  if (found?.kind !== 'mailbox') throw new Error('no mailbox')
  const store = await world.core.open(account)
  const name = program === 'broken' ? 'broken' : `program ${made}`
  if (program !== 'broken') programs.set(name, program)
  await store.putScript('mine', name)
  await store.activateScript('mine')
  return { account, mailbox: found.mailbox, store }
}

const acts =
  (...actions: Action[]): Program =>
  () => ({ actions, implicitKeep: false })

let mails = 0
function send(to: Person, options: { sender?: string; head?: string; subject?: string } = {}): Promise<void> {
  const { sender = 'friend@stranger.example', head = '', subject = `mail ${++mails}` } = options
  const raw = `Return-Path: <${sender}>\r\nReceived: from x by y; Mon, 1 Jan 2024 00:00:00 +0000\r\n${head}From: <friend@stranger.example>\r\nTo: <${to.account.address}>\r\nSubject: ${subject}\r\nMessage-ID: <${mails}@stranger.example>\r\n\r\ncanarycontent\r\n`
  return delivery.deliver({
    raw: Buffer.from(raw),
    receivedAt: new Date(),
    mailboxes: [to.mailbox],
    envelope: { sender, recipientsOf: () => [to.account.address] },
  })
}

const empty = (person: Person) => vi.waitFor(async () => expect(await person.store.waiting(1)).toEqual([]), 20_000)

async function contents(store: MailStore, path = 'INBOX'): Promise<string[]> {
  const folder = await store.folder(path)
  const { messages } = await store.list(folder.id)
  const all: string[] = []
  for await (const message of store.fetch(
    folder.id,
    messages.map((m) => m.uid),
    { body: true },
  ))
    all.push(message.raw?.toString() ?? '')
  return all
}

/** What an account has in the queue, taken out of it. */
async function queued(person: Person): Promise<Leased[]> {
  const all = await world.core.queue.claim(100, 60_000)
  for (const one of all) await world.core.queue.settle(one, { kind: 'delivered' })
  return all.filter((one) => one.accountId === person.account.accountId)
}

describe('filing', () => {
  it('files what waited before it began and what comes after, into folders with flags', async () => {
    const person = await newPerson(
      acts(
        { kind: 'fileinto', path: 'Lists/Made', flags: ['\\Seen', 'later'], create: true },
        { kind: 'fileinto', path: 'nowhere', specialUse: '\\Archive', flags: null, create: false },
      ),
    )
    await send(person, { subject: 'before' })
    await start({ sweepMs: 600_000 })
    await empty(person)
    await send(person, { subject: 'after' })
    await empty(person)
    expect(await contents(person.store, 'Lists/Made')).toHaveLength(2)
    expect(await contents(person.store, 'Archive')).toHaveLength(2)
    expect(await contents(person.store)).toEqual([])
    expect(await person.store.folder('Lists/Made')).toMatchObject({ unseen: 0 })
  })

  it('files each message once under two workers', async () => {
    const person = await newPerson((env) => ({
      actions: [{ kind: 'redirect', address: 'away@far.example' }],
      implicitKeep: env.envelope.from !== '',
    }))
    const others = openDatabases(world.urls, { poolMax: 4, name: 'second worker' })
    await Promise.all([start(), start({}, others)])
    await Promise.all(Array.from({ length: 40 }, () => send(person)))
    await empty(person)
    const subjects = (await contents(person.store)).map((raw) => /Subject: (.*)\r/.exec(raw)?.[1])
    expect(new Set(subjects).size).toBe(40)
    expect(subjects).toHaveLength(40)
    expect(await queued(person)).toHaveLength(40)
    for (const running of started.splice(0)) await running.stop()
    await others.close()
  })

  it('loses nothing and files once when it dies between two steps', async () => {
    for (const step of ['after the send', 'before the commit', 'after the commit'] as const) {
      const person = await newPerson(
        acts({ kind: 'redirect', address: 'away@far.example' }, { kind: 'keep', flags: null }),
      )
      const db = openDatabases(world.urls, { poolMax: 4, name: 'dying worker' })
      let reached = () => {}
      const here = new Promise<void>((resolve) => {
        reached = resolve
      })
      const die = () => {
        reached()
        return new Promise<never>(() => {})
      }
      const stores = wrapped(createMailStores({ db, keys: world.core.keys, log: silentLog }), (store) => ({
        ...store,
        fileWaiting: async (...args) => {
          if (step === 'before the commit') return die()
          const filed = await store.fileWaiting(...args)
          return step === 'after the commit' ? die() : filed
        },
      }))
      const queue = {
        enqueue: async (message: Parameters<World['core']['queue']['enqueue']>[0]) => {
          const id = await world.core.queue.enqueue(message)
          return step === 'after the send' ? die() : id
        },
      }
      await start({ stores, queue }, db)
      // It is dead: its stop would wait for ever, and only its connections end, as a kill ends them.
      started.pop()
      await send(person)
      await here
      await kill(db)
      await start()
      await empty(person)
      expect(await contents(person.store)).toHaveLength(1)
      const copies = (await queued(person)).length
      expect(copies).toBe(step === 'after the commit' ? 1 : 2)
      for (const running of started.splice(0)) await running.stop()
    }
  })

  it('repeats no send when only the filing failed, and waits out an outage without counting it', async () => {
    const person = await newPerson(
      acts({ kind: 'redirect', address: 'away@far.example' }, { kind: 'keep', flags: null }),
    )
    let failures = 6
    const stores = wrapped(world.core.stores, (store) => ({
      ...store,
      fileWaiting: (...args) =>
        failures-- > 0 ? Promise.reject(new Fault('UNAVAILABLE', 'away')) : store.fileWaiting(...args),
    }))
    await start({ stores })
    await send(person)
    await empty(person)
    expect(failures).toBeLessThan(0)
    expect(await contents(person.store)).toHaveLength(1)
    expect(await queued(person)).toHaveLength(1)
  })

  it('files a message unfiltered after three failures, without holding up what is behind it', async () => {
    let runs = 0
    const person = await newPerson((env) => {
      if (!env.message.raw.includes('poison'))
        return { actions: [{ kind: 'fileinto', path: 'Archive', flags: null, create: false }], implicitKeep: false }
      runs++
      throw new Error('canary')
    })
    await start()
    await Promise.all([send(person, { subject: 'poison' }), send(person)])
    await empty(person)
    expect(runs).toBe(3)
    expect(await contents(person.store)).toHaveLength(1)
    expect(await contents(person.store, 'Archive')).toHaveLength(1)
  })

  it('files into INBOX when the script was switched off', async () => {
    const person = await newPerson(acts({ kind: 'discard' }))
    await send(person)
    await person.store.activateScript(null)
    await start()
    await empty(person)
    expect(await contents(person.store)).toHaveLength(1)
  })

  it('knows a duplicate only once the first is filed', async () => {
    const person = await newPerson(async (env) => ({
      actions: (await env.seenDuplicate('same', 3600)) ? [{ kind: 'discard' }] : [{ kind: 'keep', flags: null }],
      implicitKeep: false,
    }))
    let failures = 1
    const stores = wrapped(world.core.stores, (store) => ({
      ...store,
      fileWaiting: (...args) => (failures-- > 0 ? Promise.reject(new Error('once')) : store.fileWaiting(...args)),
    }))
    await start({ stores })
    await send(person)
    await empty(person)
    await send(person)
    await empty(person)
    expect(await contents(person.store)).toHaveLength(1)
  })
})

describe('a script that fails', () => {
  it('keeps the mail in INBOX and tells its owner once, with the line and nothing of the mail', async () => {
    for (const program of [
      'broken',
      () => ({ implicitKeep: true, error: { line: 7, message: 'canarycontent' } }),
      acts({ kind: 'fileinto', path: 'nowhere', flags: null, create: false }),
    ] as const) {
      const person = await newPerson(program)
      await start()
      await send(person)
      await send(person)
      await empty(person)
      const notices = await vi.waitFor(async () => {
        const found = (await contents(person.store)).filter((raw) => raw.includes('Auto-Submitted: auto-generated'))
        expect(found).toHaveLength(1)
        return found
      })
      expect(await contents(person.store)).toHaveLength(3)
      expect(notices[0]).toContain(`From: Mail filter <postmaster@${house.domain}>`)
      expect(notices[0]).toContain('"mine"')
      expect(notices[0]).toContain(program === 'broken' || notices[0]?.includes('line') ? 'line 7' : 'nowhere')
      expect(notices[0]).not.toContain('canarycontent')
      for (const running of started.splice(0)) await running.stop()
    }
  })
})

describe('redirect', () => {
  it('sends the message as it came, from an address that leads back to its sender, without Return-Path; a bounce from nobody', async () => {
    const person = await newPerson(acts({ kind: 'redirect', address: 'Away@Far.example' }))
    await start()
    await send(person, { sender: 'friend@stranger.example', subject: 'one' })
    await send(person, { sender: '', subject: 'two' })
    await empty(person)
    const sent = await queued(person)
    expect(sent.map(({ sender, recipient }) => [sender, recipient])).toEqual([
      [expect.stringMatching(/^srs0=.{8}=..=stranger\.example=friend@/), 'away@far.example'],
      ['', 'away@far.example'],
    ])
    const raw = sent[0]?.raw.toString() ?? ''
    expect(raw).not.toContain('Return-Path')
    expect(raw).toMatch(/^X-Sieve-Redirected-By: [\w-]{20}\r\nReceived: from x by y;.*\r\nFrom: /)
    expect(raw).toContain('\r\n\r\ncanarycontent\r\n')
    expect(raw.replace(/^To: .*$/m, '')).not.toContain(person.account.address)
    expect(await contents(person.store)).toEqual([])
    // The same message back again goes no further.
    await send(person, { head: `${raw.split('\r\n')[0]}\r\n`, subject: 'back' })
    await send(person, { head: 'Received: from a by b; x\r\n'.repeat(60), subject: 'far' })
    await empty(person)
    expect(await queued(person)).toEqual([])
    expect((await contents(person.store)).filter((text) => /Subject: (back|far)/.test(text))).toHaveLength(2)
  })

  it('keeps what goes to oneself', async () => {
    const addresses: string[] = []
    const person = await newPerson(() => ({
      actions: addresses.map((address) => ({ kind: 'redirect', address })),
      implicitKeep: false,
    }))
    addresses.push(person.account.address)
    await start()
    await send(person)
    await empty(person)
    expect(await queued(person)).toEqual([])
    expect(await contents(person.store)).toHaveLength(1)
  })
})

describe('reject', () => {
  it('tells the sender, and nobody when there is none', async () => {
    const person = await newPerson(acts({ kind: 'reject', reason: 'No.\r\n--=_x\r\nThank you', protocolOnly: false }))
    await start()
    await send(person)
    await send(person, { sender: '' })
    await empty(person)
    const sent = await queued(person)
    expect(sent.map(({ sender, recipient }) => [sender, recipient])).toEqual([['', 'friend@stranger.example']])
    const raw = sent[0]?.raw.toString() ?? ''
    expect(raw).toContain('multipart/report')
    expect(raw).toContain('\r\n    No.\r\n    --=_x\r\n    Thank you\r\n')
    expect(raw).not.toContain('canarycontent')
    expect(await contents(person.store)).toEqual([])
  })
})

describe('vacation', () => {
  const away = (more: Partial<Extract<Action, { kind: 'vacation' }>> = {}): Action => ({
    kind: 'vacation',
    handle: 'h',
    seconds: 7 * 86_400,
    subject: null,
    from: null,
    addresses: [],
    reason: 'I am away.',
    mime: false,
    ...more,
  })
  const keepAnd =
    (action: Action): Program =>
    () => ({ actions: [action], implicitKeep: true })
  const settled = async (person: Person, count: number) => {
    await empty(person)
    await vi.waitFor(async () => expect(await contents(person.store)).toHaveLength(count))
    for (const running of started.splice(0)) await running.stop()
    return queued(person)
  }

  it('answers each sender once, from the null sender, to the envelope', async () => {
    const person = await newPerson(
      keepAnd(away({ subject: 'Away\r\nBcc: x@y.example', from: 'other@elsewhere.example' })),
    )
    await start()
    await send(person)
    await send(person)
    await send(person, { sender: 'second@stranger.example' })
    const sent = await settled(person, 3)
    expect(sent.map(({ sender, recipient }) => [sender, recipient]).sort()).toEqual([
      ['', 'friend@stranger.example'],
      ['', 'second@stranger.example'],
    ])
    const raw = sent[0]?.raw.toString() ?? ''
    expect(raw).toContain(`From: <${person.account.address}>\r\n`)
    expect(raw).toContain('Auto-Submitted: auto-replied')
    expect(raw).toMatch(/In-Reply-To: <\d+@stranger.example>\r\n/)
    expect(raw).toContain('Subject: Away Bcc: x@y.example\r\n')
    expect(raw).not.toMatch(/^Bcc/m)
    expect(raw).toContain('\r\n\r\nI am away.\r\n')
    expect(raw).not.toContain('canarycontent')
  })

  it('answers no program, no list and no message that does not name the owner', async () => {
    const person = await newPerson(keepAnd(away()))
    await start()
    const refused = [
      { sender: '' },
      { sender: 'owner-list@stranger.example' },
      { sender: 'MAILER-DAEMON@stranger.example' },
      { sender: 'a-request@stranger.example' },
      { head: 'List-Id: <x.example>\r\n' },
      { head: 'Precedence: bulk\r\n' },
      { head: 'Auto-Submitted: auto-replied\r\n' },
      { sender: person.account.address },
    ]
    for (const one of refused) await send(person, one)
    await delivery.deliver({
      raw: Buffer.from('From: <friend@stranger.example>\r\nTo: <someone@else.example>\r\n\r\nx\r\n'),
      receivedAt: new Date(),
      mailboxes: [person.mailbox],
      envelope: { sender: 'friend@stranger.example', recipientsOf: () => [person.account.address] },
    })
    expect(await settled(person, refused.length + 1)).toEqual([])
  })

  it('takes from a MIME reason only what describes content', async () => {
    const reason = 'Content-Type: text/html; charset=utf-8\r\nBcc: x@y.example\r\nTo: z@y.example\r\n\r\n<p>away</p>'
    const person = await newPerson(keepAnd(away({ reason, mime: true })))
    await start()
    await send(person, { head: 'Auto-Submitted: no\r\n' })
    const raw = (await settled(person, 1))[0]?.raw.toString() ?? ''
    expect(raw).toContain('Content-Type: text/html')
    expect(raw).not.toContain('y.example')
    expect(raw).toContain('<p>away</p>')
  })
})

describe('a worker that is killed by a message', () => {
  it('gives up on it after the third start', async () => {
    let runs = 0
    const person = await newPerson(() => {
      runs++
      return new Promise<never>(() => {})
    })
    await send(person)
    const ahead: Clock = { now: () => new Date(Date.now() + 1_000) }
    for (let n = 1; n <= 3; n++) {
      const db = openDatabases(world.urls, { poolMax: 4, name: 'dying worker' })
      await start({ clock: ahead }, db)
      started.pop()
      await vi.waitFor(() => expect(runs).toBe(n), 10_000)
      await kill(db)
    }
    await start({ clock: ahead })
    await empty(person)
    expect(runs).toBe(3)
    expect(await contents(person.store)).toHaveLength(1)
  })
})

/** Ends the connections of a worker as its death would. */
async function kill(db: Databases): Promise<void> {
  const admin = connect(world.adminUrls.main, { max: 1, name: 'kill' })
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mailtight dying worker'`
  await admin.end()
  await db.close()
}

function wrapped(stores: MailStores, change: (store: MailStore) => MailStore): MailStores {
  return { open: async (account) => change(await stores.open(account)) }
}
