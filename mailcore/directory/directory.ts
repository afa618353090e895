import type { Databases } from '#db/client'
import {
  countFailure,
  findHostedDomains,
  findRecipients,
  findSignIn,
  isAddressOf,
  type RecipientRow,
  readFailures,
  type SignInRow,
  touchCredential,
} from '#db/control/queries/lookup'
import { selectRoom } from '#db/mail/queries/room'
import { keyedHash } from '#lib/crypto/hash'
import { appPasswordText, isAppPassword, verifyNothing, verifyPassword } from '#lib/crypto/password'
import { codeOf } from '#lib/errors'
import type { AccountId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import type { Directory, Mailbox, Resolution, SignInResult } from '#mailcore/ports'
import { parseAddress, splitSubaddress } from '#mailcore/proto/address'

interface Parts {
  db: Databases
  /** 32 bytes; the key of address hashes */
  lookupKey: Buffer
  log: Log
}

/** How long an answer about a recipient may be used again. Short: a suspension must hold within seconds at every door. */
const REMEMBER_MS = 2_000
const REMEMBER_MOST = 20_000

type SignOutListener = Parameters<Directory['onSignOut']>[0]

/** The directory over the control database's look-up functions; see ports.Directory. */
export function createDirectory(parts: Parts): Directory {
  const remembered = new Map<string, { resolution: Resolution; until: number }>()
  const listeners = new Set<SignOutListener>()
  let listening = false
  const listen = () => {
    if (listening) return
    listening = true
    parts.db
      .listenControl('sign_out', (payload) => {
        remembered.clear()
        const [account, reason] = payload.split(':')
        if (reason === 'suspended' || reason === 'password' || reason === 'terminated') {
          for (const listener of listeners) listener(account as AccountId, reason)
        }
      })
      .catch((error: unknown) => {
        listening = false
        parts.log.warn('sign-out feed failed', { code: codeOf(error) })
      })
  }
  return {
    resolve: async (addresses) => {
      const now = Date.now()
      const unknown = [...new Set(addresses)].filter((address) => (remembered.get(address)?.until ?? 0) < now)
      if (unknown.length > 0) {
        if (remembered.size > REMEMBER_MOST) remembered.clear()
        for (const [address, resolution] of await resolveAll(parts, unknown))
          remembered.set(address, { resolution, until: now + REMEMBER_MS })
      }
      return addresses.map((address) => remembered.get(address)?.resolution ?? { kind: 'unknown' })
    },
    signIn: (login) => signIn(parts, login),
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
    parsed.map(({ address, parsed: p }): [string, Resolution] => {
      if (!p) return [address, { kind: 'unknown' }]
      const row = found(p.address) ?? found(splitSubaddress(p).base.address)
      if (!row) return [address, { kind: hosted.has(p.domain) ? 'unknown' : 'remote' }]
      return [address, resolution(row, full)]
    }),
  )
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

/**
 * Checks a password. Unknown name and wrong password answer alike and cost alike; failures are counted by keyed hash of the account's name and of
 * the network, shared by all doors and processes. A right password from a new network still enters when only the network is over its count.
 */
async function signIn(parts: Parts, login: Parameters<Directory['signIn']>[0]): Promise<SignInResult> {
  const lookup = parts.db.control.lookup
  const now = new Date()
  const parsed = parseAddress(login.username.trim())
  const name = parsed?.address ?? login.username.slice(0, LIMITS.addressBytes)
  const keys = [
    keyedHash(parts.lookupKey, 'failed login', name),
    keyedHash(parts.lookupKey, 'failed network', login.peer),
  ]
  const [byName = 0, byNetwork = 0] = await readFailures(
    lookup,
    keys,
    new Date(now.getTime() - LIMITS.failedLoginWindowMs),
  )
  const rows = parsed ? await findSignIn(lookup, hashOf(parts, parsed.address)) : []
  const app = appPasswordText(login.password)
  // An app password is not guessable and costs no slow hash: the count does not hold its owner's mail program out.
  const byApp = app === null ? undefined : rows.find((row) => row.kind === 'app' && isAppPassword(row.secretHash, app))
  if (!byApp && (byName >= LIMITS.failedLoginsPerAccount || byNetwork >= LIMITS.failedLoginsPerAddress)) {
    return { ok: false, reason: 'slow-down', retryAfterS: Math.ceil(LIMITS.failedLoginWindowMs / 1000) }
  }
  const match = byApp ?? (await matchPassword(rows, login.password))
  if (!match?.protocols.includes(login.protocol)) {
    await countFailure(lookup, keys, minuteOf(now))
    return { ok: false, reason: 'credentials' }
  }
  if (match.tenantState !== 'active' || match.state !== 'active') return { ok: false, reason: 'suspended' }
  await touchCredential(lookup, match.tenantId, match.credentialId)
  return {
    ok: true,
    account: {
      tenantId: match.tenantId,
      accountId: match.accountId,
      region: match.region,
      address: name,
      credentialId: match.credentialId,
      maySend: true,
    },
  }
}

async function matchPassword(rows: readonly SignInRow[], password: string): Promise<SignInRow | undefined> {
  const usable = Buffer.byteLength(password) <= LIMITS.passwordBytes
  const own = rows.find((row) => row.kind === 'password')
  if (!own || !usable) {
    await verifyNothing(usable ? password : '')
    return undefined
  }
  return (await verifyPassword(own.secretHash, password)) ? own : undefined
}

const minuteOf = (at: Date): Date => new Date(Math.floor(at.getTime() / 60_000) * 60_000)
