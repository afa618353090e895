import type { Databases } from '#db/client'
import {
  findHomeOfDomain,
  findHostedDomains,
  findRecipients,
  isAddressOf,
  type RecipientRow,
} from '#db/control/queries/lookup'
import { selectRoom } from '#db/mail/queries/room'
import { keyedHash } from '#lib/crypto/hash'
import { codeOf } from '#lib/errors'
import type { AccountId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Directory, Mailbox, Resolution } from '#mailcore/ports'
import { parseAddress, splitSubaddress } from '#mailcore/proto/address'
import { createSignIn } from './sign-in'

interface Parts {
  db: Databases
  /** 32 bytes; the key of address hashes */
  lookupKey: Buffer
  log: Log
}

/** How long a mailbox may be used again without asking: bounds what is missed while the feed of changes is down unnoticed. */
const REMEMBER_MS = 2_000
const REMEMBER_MOST = 20_000

type SignOutListener = Parameters<Directory['onSignOut']>[0]

/** The directory over the control database's look-up functions; see ports.Directory. */
export function createDirectory(parts: Parts): Directory {
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
        for (const [address, resolution] of await resolveAll(parts, asked)) {
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
        texts.map((text) => isAddressOf(parts.db.control.lookup, account, hashOf(parts, text))),
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

const hashOf = (parts: Parts, address: string): Buffer => keyedHash(parts.lookupKey, 'address', address)

async function resolveAll(parts: Parts, addresses: readonly string[]): Promise<Map<string, Resolution>> {
  const parsed = addresses.map((address) => ({ address, parsed: parseAddress(address) }))
  const wanted = parsed.flatMap(({ parsed: p }) =>
    p ? [...new Set([p.address, splitSubaddress(p).base.address])] : [],
  )
  const domains = [...new Set(parsed.flatMap(({ parsed: p }) => (p ? [p.domain] : [])))]
  const hashes = new Map(wanted.map((text) => [text, hashOf(parts, text)]))
  const [rows, hosted] = await Promise.all([
    findRecipients(parts.db.control.lookup, [...hashes.values()]),
    findHostedDomains(parts.db.control.lookup, domains),
  ])
  const byHash = new Map(rows.map((row) => [row.addressHash.toString('hex'), row]))
  const full = await fullMailboxes(parts.db, rows)
  const found = (text: string) => byHash.get(hashes.get(text)?.toString('hex') ?? '')
  return new Map(
    await Promise.all(
      parsed.map(async ({ address, parsed: p }): Promise<[string, Resolution]> => {
        if (!p) return [address, { kind: 'unknown' }]
        const row = found(p.address) ?? found(splitSubaddress(p).base.address)
        if (row) return [address, resolution(row, full)]
        if (!hosted.has(p.domain)) return [address, { kind: 'remote' }]
        return [address, REPORTS_TO.has(p.local) ? await reportsOf(parts, p.domain) : { kind: 'unknown' }]
      }),
    ),
  )
}

/** Where the records that we ask a domain to publish send reports (RFC 7489 6.2, RFC 8460 3): the deliver role reads them, unless somebody has the address. */
const REPORTS_TO = new Set(['dmarc-reports', 'tls-reports'])

async function reportsOf(parts: Parts, domain: string): Promise<Resolution> {
  const home = await findHomeOfDomain(parts.db.control.lookup, domain)
  return home ? { kind: 'handover', to: 'reports', ...home, listId: null } : { kind: 'unknown' }
}

function resolution(row: RecipientRow, full: ReadonlySet<AccountId>): Resolution {
  switch (row.state) {
    case 'active':
    case 'closing':
      return full.has(row.accountId) ? { kind: 'full' } : { kind: 'mailbox', mailbox: toMailbox(row) }
    case 'suspended':
    case 'provisioning':
      return { kind: 'suspended' }
    default:
      return { kind: 'unknown' }
  }
}

const toMailbox = (row: RecipientRow): Mailbox => ({
  tenantId: row.tenantId,
  accountId: row.accountId,
  region: row.region,
  publicKey: row.publicKey,
  keyVersion: row.keyVersion,
})

/** Accounts that have no room left, by the counters in their regions. A region that is away says nothing; delivery will. */
async function fullMailboxes(db: Databases, rows: readonly RecipientRow[]): Promise<Set<AccountId>> {
  const regions = new Map<string, RecipientRow[]>()
  for (const row of rows) regions.set(row.region, [...(regions.get(row.region) ?? []), row])
  const full = new Set<AccountId>()
  for (const list of regions.values()) {
    const region = list[0]?.region
    if (region === undefined) continue
    const found = await db.mail(region).withDelivery((tx) => selectRoom(tx, list))
    for (const row of found) if (row.free <= 0) full.add(row.accountId)
  }
  return full
}
