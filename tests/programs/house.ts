import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Running, stopAll } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import { createDirectory } from '#mailcore/directory/directory'
import { startImap } from '#mailcore/imap/index'
import { startManageSieve } from '#mailcore/managesieve/index'
import { startPop3 } from '#mailcore/pop3/index'
import type { MailStore } from '#mailcore/ports'
import { testCertificate } from '#tests/helpers/cert'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { type LoggingProxy, startProxy } from './proxy'

/** A message as the server has it. */
export interface Kept {
  uid: number
  flags: string[]
  raw: Buffer
}

/**
 * The doors of reading over a fresh world with one account, and a directory for the program's files. `MAILTIGHT_DIALOGUE=<file>` keeps
 * what was said, for looking at a failure.
 */
export interface MailHouse {
  world: World
  account: TestAccount
  store: MailStore
  /** The program's home, empty but for `ca.pem`. */
  home: string
  /** The certificate of the doors, which programs are to trust. */
  certificate: string
  /** TLS from the first byte, everything kept. */
  imap: LoggingProxy
  pop3: LoggingProxy
  /** Straight to the doors that begin in the clear. */
  clear: { imap: number; pop3: number; sieve: number }
  /** Writes a file of the program, kept from others' eyes, and returns its path. */
  file(name: string, text: string | Buffer): string
  /** A file that the program wrote. */
  read(name: string): Buffer
  /** What stands in a folder, by the store and not by a door. */
  kept(path: string): Promise<Kept[]>
  stop(): Promise<void>
}

export async function openHouse(): Promise<MailHouse> {
  const world = await createWorld()
  const house = await world.makeHouse()
  const account = await world.makeAccount(house.tenant, { address: `ann@${house.domain}` })
  const tls = await testCertificate()
  const directory = createDirectory({ db: world.db, lookupKey: world.lookupKey, log: silentLog })
  const { stores } = world.core
  const common = { bind: '127.0.0.1', tls, directory, stores, log: silentLog, hostname: 'localhost' } as const
  const imapDoor = await startImap({ ...common, port: 0, clearPort: 0, limits: 'bench' })
  const pop3Door = await startPop3({ ...common, ports: { clear: 0, tls: 0 }, limits: 'bench' })
  const sieveDoor = await startManageSieve({ ...common, port: 0, limits: 'bench' })
  const imap = await startProxy(imapDoor.port, tls)
  const pop3 = await startProxy(pop3Door.ports.tls, tls)
  const store = await stores.open(account)
  const home = mkdtempSync(join(tmpdir(), 'mt-program-'))
  const file = (name: string, text: string | Buffer) => {
    const path = join(home, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const running: Running[] = [imapDoor, pop3Door, sieveDoor, imap, pop3]
  return {
    world,
    account,
    store,
    home,
    certificate: file('ca.pem', tls.cert),
    imap,
    pop3,
    clear: { imap: imapDoor.clearPort, pop3: pop3Door.ports.clear, sieve: sieveDoor.port },
    file,
    read: (name) => readFileSync(join(home, name)),
    kept: async (path) => {
      const { id } = await store.folder(path)
      const { messages } = await store.list(id)
      const raws = new Map<number, Buffer>()
      const uids = messages.map(({ uid }) => uid)
      for await (const { uid, raw } of store.bodies(id, uids)) raws.set(uid, raw)
      return messages.map(({ uid, flags }) => ({ uid, flags, raw: raws.get(uid) ?? Buffer.alloc(0) }))
    },
    stop: async () => {
      const kept = process.env.MAILTIGHT_DIALOGUE
      if (kept) appendFileSync(kept, `${imap.dialogue()}\n${pop3.dialogue()}\n`)
      await stopAll(running).stop()
      store.close()
      rmSync(home, { recursive: true, force: true })
      await world.close()
    },
  }
}

/** A house for the tests of one file or one `describe`, opened before and closed after them. */
export function useHouse(): () => MailHouse {
  let house: MailHouse | undefined
  beforeAll(async () => {
    house = await openHouse()
  })
  afterAll(async () => {
    await house?.stop()
  })
  return () => {
    if (!house) throw new Error('the house is not open')
    return house
  }
}

/** Puts messages into a folder, which is made where there is none. */
export async function fill(
  house: MailHouse,
  path: string,
  raws: readonly Buffer[],
  flagsOf: (i: number) => readonly string[] = () => [],
): Promise<void> {
  const there = (await house.store.folders()).some((folder) => folder.path === path)
  if (!there) await house.store.createFolder(path)
  const receivedAt = new Date('2026-03-01T12:00:00Z')
  await house.store.appendAll(
    path,
    raws.map((raw, i) => ({ raw, flags: flagsOf(i), receivedAt })),
  )
}

/** A Maildir with its three directories. */
export function makeMaildir(path: string): string {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true })
  return path
}

/** The messages of a Maildir; one that a program renames meanwhile may be left out. */
export const readMaildir = (path: string): { name: string; raw: Buffer }[] =>
  ['cur', 'new'].flatMap((part) =>
    readdirSync(join(path, part)).flatMap((file) => {
      try {
        return [{ name: join(part, file), raw: readFileSync(join(path, part, file)) }]
      } catch {
        return []
      }
    }),
  )

/** The messages of an mbox as the program wrote it, without the lines that part them. */
export const readMbox = (path: string): string[] =>
  readFileSync(path, 'latin1')
    .split(/^From .*\n/m)
    .slice(1)
