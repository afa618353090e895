import { SECOND_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import type { Folder, MailStore, Memory, Waiting } from '#mailcore/ports'
import type { Header } from '#mailcore/proto/header'
import type { Script, SieveEnv, SieveOutcome } from '#mailcore/sieve/types'
import { domainOf, type Owner } from './owner'
import type { FilterParts } from './parts'

/** A message with what its script is told of it. */
export interface Subject {
  waiting: Waiting
  raw: Buffer
  header: Header
  owner: Owner
}

/** Runs a script over a message; what it wants remembered comes back, to be kept in the commit that files the message. */
export async function runOver(
  parts: FilterParts,
  store: MailStore,
  script: Script,
  subject: Subject,
): Promise<{ outcome: SieveOutcome; memories: Memory[] }> {
  const { waiting, raw, owner } = subject
  const now = parts.clock.now()
  const memories = new Map<string, Memory>()
  const env: SieveEnv = {
    message: { raw, size: raw.length },
    envelope: { from: waiting.sender, to: waiting.recipients },
    now,
    ownAddresses: owner.addresses,
    // RFC 5183: no remote-ip or remote-host, which the store does not know.
    environment: {
      name: 'MailTight',
      host: parts.hostname,
      domain: owner.address === null ? parts.hostname : domainOf(owner.address),
      location: 'MS',
      phase: 'during',
    },
    mailboxExists: async (path) => (await findFolder(store, path)) !== null,
    specialUseExists: async (flag, path) => {
      const folder = await withUse(store, flag)
      return folder !== undefined && (path === undefined || folder.id === (await findFolder(store, path))?.id)
    },
    mailboxIdExists: async (id) => (await store.folders()).some((folder) => folder.id === id),
    include: (name) => store.script(name).catch(nullWhenMissing),
    seenDuplicate: async (key, seconds, last = false) => {
      const name = `s|${key}`
      const known = await store.remembered('duplicate', name)
      if (!known || last)
        memories.set(name, { key: name, expiresAt: new Date(now.getTime() + seconds * SECOND_MS), renew: last })
      return known
    },
  }
  const outcome = await parts.sieve.run(script, env)
  return { outcome, memories: outcome.error ? [] : [...memories.values()] }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Fault && (error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST')) return null
  throw error
}

/** The folder of a path, or null where there is none or the path is no name of one. */
export const findFolder = (store: MailStore, path: string): Promise<Folder | null> =>
  store.folder(path).catch(nullWhenMissing)

/** The folder with a mark such as `\Junk` (RFC 8579). */
export async function withUse(store: MailStore, flag: string): Promise<Folder | undefined> {
  const use = flag.replace(/^\\/, '').toLowerCase()
  return (await store.folders()).find((folder) => folder.specialUse === use)
}
