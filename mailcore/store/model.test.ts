import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EmailId, FolderId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { MailStore, MessageState } from '#mailcore/ports'
import { checkMailbox } from '#mailcore/store/check'
import { createDelivery } from '#mailcore/store/delivery'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

const SESSIONS = 4
const ACTS_PER_SESSION = 60
const PATHS = ['INBOX', 'Archive', 'Model'] as const
const FLAGS = ['\\Seen', '\\Deleted', '\\Flagged', 'Work', 'Home']
/** Give it again to repeat a run's choices; how the sessions interleave is the machine's. */
const seed = Number(process.env.MAILTIGHT_SEED ?? randomInt(2 ** 31))

let world: World
let account: TestAccount
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  account = await world.makeAccount(tenant, { address: `model@${domain}` })
})
afterAll(() => world.close())

/** mulberry32: whole numbers below `below`. */
function chance(from: number): (below: number) => number {
  let state = from >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const pick = <T>(items: readonly T[], draw: (below: number) => number): T => {
  const item = items[draw(items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const subjectOf = (raw: Buffer | undefined) => /^Subject: (\S+)/.exec(raw?.toString() ?? '')?.[1] ?? ''
const rawOf = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\nbody of ${subject}\r\n`)

/** One random act of one session. Nothing it does may fail, whatever the others do meanwhile. */
async function act(store: MailStore, draw: (below: number) => number, name: string): Promise<void> {
  const from = await store.folder(pick(PATHS, draw))
  const to = pick(PATHS, draw)
  const { messages } = await store.list(from.id)
  const some = messages.map(({ uid }) => uid).filter(() => draw(3) === 0)
  const flags = FLAGS.filter(() => draw(3) === 0)
  switch (draw(9)) {
    case 0:
    case 1:
    case 2:
      await store.append(to, { raw: rawOf(name), flags, receivedAt: new Date(1_700_000_000_000 + draw(1_000_000)) })
      return
    case 3:
      await store.copy(from.id, some.slice(0, 5), to)
      return
    case 4:
      await store.move(from.id, some, to)
      return
    case 5:
      await store.setFlags(from.id, some, { action: pick(['set', 'add', 'remove'] as const, draw), flags })
      return
    case 6:
      await store.expunge(from.id, draw(2) === 0 ? undefined : some)
      return
    case 7:
      await store.remove(from.id, some.slice(0, 2))
      return
    default: {
      const lost = await store.recoverable({ limit: 5 })
      await store.recover(
        lost.map(({ emailId }) => emailId),
        to,
      )
    }
  }
}

/** A replica that knows of a folder only what `changes` has told it, and asks for the state of no other message (I-M2). */
function replicaOf(store: MailStore, folder: FolderId) {
  const known = new Map<number, MessageState>()
  let since = 0n
  return {
    known,
    async follow(): Promise<void> {
      const touched = new Set<number>()
      for (const { modseq, kind, uids } of await store.changes(folder, since)) {
        expect(modseq).toBeGreaterThanOrEqual(since)
        since = modseq
        for (const uid of uids) {
          if (kind === 'expunged') known.delete(uid)
          if (kind === 'expunged') touched.delete(uid)
          else touched.add(uid)
        }
      }
      for await (const state of store.fetch(folder, [...touched], {})) known.set(state.uid, state)
    },
  }
}

const ascending = (states: Iterable<MessageState>) =>
  [...states].sort((a, b) => a.uid - b.uid).map((state) => ({ ...state, flags: [...state.flags].sort() }))

describe(`random acts of ${SESSIONS} sessions (MAILTIGHT_SEED=${seed})`, () => {
  it('keep every invariant, lose and mix up no message, and reach a replica whole', async () => {
    console.info(`MAILTIGHT_SEED=${seed}`)
    const open = () => world.core.stores.open(account)
    const watcher = await open()
    await watcher.createFolder('Model')
    const folders = await Promise.all(PATHS.map((path) => watcher.folder(path)))
    const replicas = folders.map(({ id }) => replicaOf(watcher, id))
    let acting = true
    const following = (async () => {
      while (acting) for (const replica of replicas) await replica.follow()
    })()
    const delivery = createDelivery({ db: world.db, log: silentLog })
    const keys = await world.core.keys.createAccount(account.tenantId, account.accountId)
    const mailbox = { ...account, publicKey: keys.publicKey, keyVersion: keys.keyVersion }
    const sessions = Array.from({ length: SESSIONS }, async (_, session) => {
      const draw = chance(seed + session)
      const store = await open()
      for (let n = 0; n < ACTS_PER_SESSION; n++) {
        await act(store, draw, `s${session}n${n}`)
        if (draw(6) === 0)
          await delivery.deliver({ raw: rawOf(`d${session}n${n}`), receivedAt: new Date(), mailboxes: [mailbox] })
      }
      store.close()
    })
    try {
      await Promise.all(sessions)
    } finally {
      acting = false
      await following
    }

    expect((await checkMailbox({ db: world.db, keys: world.core.keys }, account)).problems).toEqual([])
    const bySubject = new Map<string, EmailId>()
    for (const [i, { id }] of folders.entries()) {
      const replica = replicas[i]
      await replica?.follow()
      const { folder, messages } = await watcher.list(id)
      expect(ascending(replica?.known.values() ?? [])).toEqual(ascending(messages))
      // One that starts from nothing at the end learns the same.
      const late = replicaOf(watcher, id)
      await late.follow()
      expect(ascending(late.known.values())).toEqual(ascending(messages))
      expect(folder.messages).toBe(messages.length)
      const uids = messages.map(({ uid }) => uid)
      for await (const { raw, emailId } of watcher.fetch(id, uids, { body: true })) {
        const subject = subjectOf(raw)
        expect(raw).toEqual(rawOf(subject))
        // Copies share their message; two messages never share one.
        expect(bySubject.get(subject) ?? emailId).toBe(emailId)
        bySubject.set(subject, emailId)
      }
    }
    expect(bySubject.size).toBeGreaterThan(10)
    watcher.close()
  }, 120_000)
})
