import type { Databases } from '#db/client'
import { isAddressOf } from '#db/control/queries/lookup'
import { type Clock, systemClock } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { AccountId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Directory, Resolution } from '#mailcore/ports'
import { parseAddress, splitSubaddress } from '#mailcore/proto/address'
import { addressHash, resolveAll } from './resolve'
import { createSignIn } from './sign-in'

interface Parts {
  db: Databases
  /** 32 bytes; the key of address hashes */
  lookupKey: Buffer
  log: Log
  clock?: Clock
}

/** How long a mailbox may be used again without asking: bounds what is missed while the feed of changes is down unnoticed. */
const REMEMBER_MS = 2_000
const REMEMBER_MOST = 20_000

type SignOutListener = Parameters<Directory['onSignOut']>[0]

/** The directory over the control database's look-up functions; see ports.Directory. */
export function createDirectory(parts: Parts): Directory {
  const { clock = systemClock } = parts
  const listeners = new Set<SignOutListener>()
  const memory = createMemory()
  const door = createSignIn(parts)
  let following = false
  const listen = (): void => {
    if (following) return
    following = true
    follow(parts, memory, listeners).catch((error: unknown) => {
      following = false
      parts.log.warn('directory feed failed', { code: codeOf(error) })
    })
  }
  return {
    resolve: async (addresses) => {
      listen()
      const found = new Map<string, Resolution>()
      const asked: string[] = []
      for (const address of new Set(addresses)) {
        const known = memory.get(address)
        if (known) found.set(address, known)
        else asked.push(address)
      }
      if (asked.length > 0) {
        const keep = memory.begin()
        for (const [address, resolution] of await resolveAll({ ...parts, clock }, asked)) {
          found.set(address, resolution)
          keep(address, resolution)
        }
      }
      return addresses.map((address) => found.get(address) ?? { kind: 'unknown' })
    },
    signIn: door.signIn,
    signInByToken: door.signInByToken,
    mayUse: async (account, address) => {
      const parsed = parseAddress(address)
      if (!parsed) return false
      const texts = [...new Set([parsed.address, splitSubaddress(parsed).base.address])]
      const checks = await Promise.all(
        texts.map((text) => isAddressOf(parts.db.control.lookup, account, addressHash(parts.lookupKey, text))),
      )
      return checks.includes(true)
    },
    onSignOut: (listener) => {
      listeners.add(listener)
      listen()
      return () => listeners.delete(listener)
    },
  }
}

interface Memory {
  get(address: string): Resolution | undefined
  /** Call before asking: what it returns keeps an answer, unless something changed since. */
  begin(): (address: string, resolution: Resolution) => void
  /** Forgets everything, answers on their way included. */
  forget(): void
  /** From now on changes will be heard of; before, nothing is kept. */
  start(): void
}

/**
 * Where mail went a moment ago. Only mailboxes are kept: "unknown" or "remote" would outlive the creation of an account or the proof of a domain.
 */
function createMemory(): Memory {
  const mailboxes = new Map<string, { resolution: Resolution; until: number }>()
  let heard = false
  let changes = 0
  return {
    get: (address) => {
      const known = mailboxes.get(address)
      return known && known.until > Date.now() ? known.resolution : undefined
    },
    begin: () => {
      const before = changes
      return (address, resolution) => {
        if (!heard || changes !== before || resolution.kind !== 'mailbox') return
        if (mailboxes.size > REMEMBER_MOST) mailboxes.clear()
        mailboxes.set(address, { resolution, until: Date.now() + REMEMBER_MS })
      }
    },
    forget: () => {
      changes++
      mailboxes.clear()
    },
    start: () => {
      heard = true
    },
  }
}

/** Hears of changes to people and of ended sessions, at every door: resolving starts it as much as a listener does. */
async function follow(parts: Parts, memory: Memory, listeners: ReadonlySet<SignOutListener>): Promise<void> {
  const signedOut = (payload: string) => {
    memory.forget()
    const [account, reason] = payload.split(':')
    if (reason !== 'suspended' && reason !== 'password' && reason !== 'terminated') return
    for (const listener of listeners) listener(account as AccountId, reason)
  }
  await Promise.all([
    parts.db.listenControl('sign_out', signedOut, memory.forget),
    parts.db.listenControl('directory_changed', memory.forget, memory.forget),
  ])
  memory.start()
}
