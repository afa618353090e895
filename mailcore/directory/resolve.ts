import type { Databases } from '#db/client'
import {
  findGroups,
  findHomeOfDomain,
  findHostedDomains,
  findRecipients,
  findStandIns,
  type GroupRow,
  type RecipientRow,
  type StandInRow,
} from '#db/control/queries/lookup'
import { selectRoom } from '#db/mail/queries/room'
import type { Clock } from '#lib/clock'
import { keyedHash } from '#lib/crypto/hash'
import type { AccountId } from '#lib/ids'
import type { Mailbox, Resolution } from '#mailcore/ports'
import { type Address, parseAddress, splitSubaddress } from '#mailcore/proto/address'
import { isSrs, readSrs } from '#mailcore/proto/srs'

interface Parts {
  db: Databases
  /** 32 bytes; the key of address hashes, and of addresses made by SRS */
  lookupKey: Buffer
  clock: Clock
}

type Holder = Pick<RecipientRow, 'tenantId' | 'accountId' | 'region' | 'publicKey' | 'keyVersion' | 'state'>

/** The keyed hash by which a normalised address is found. */
export const addressHash = (lookupKey: Buffer, address: string): Buffer => keyedHash(lookupKey, 'address', address)

/** Addresses that every domain has, to whoever stands in for its postmaster (RFC 2142 section 5, RFC 5321 4.5.1), unless somebody has them. */
const ROLES = new Set(['postmaster', 'abuse'])
/** Where the records that we ask a domain to publish send reports (RFC 7489 6.2, RFC 8460 3): the deliver role reads them, unless somebody has the address. */
const REPORTS_TO = new Set(['dmarc-reports', 'tls-reports'])

/**
 * Where mail for each address goes. People first, each by the address itself or without what follows a plus (RFC 5233); only what is nobody's costs a
 * second question, in this order: group or list, a sender's address made by SRS, the addresses that every domain has, catch-all. What was somebody's and
 * is in quarantine is no matter for the catch-all: it would read what is meant for them.
 */
export async function resolveAll(parts: Parts, addresses: readonly string[]): Promise<Map<string, Resolution>> {
  const parsed = new Map(addresses.map((text) => [text, parseAddress(text)]))
  const valid = [...parsed.values()].filter((one) => one !== null)
  const found = finder(parts, valid)
  const [rows, hosted] = await Promise.all([
    findRecipients(parts.db.control.lookup, found.hashes),
    findHostedDomains(parts.db.control.lookup, [...new Set(valid.map(({ domain }) => domain))]),
  ])
  const rowOf = found.by(rows)
  const others = await resolveOthers(
    parts,
    valid.filter((one) => hosted.has(one.domain) && !rowOf(one)),
  )
  const full = await fullMailboxes(parts.db, [...rows, ...others.holders])
  return new Map(
    [...parsed].map(([text, address]): [string, Resolution] => {
      if (!address) return [text, { kind: 'unknown' }]
      const row = rowOf(address)
      if (row) return [text, resolutionOf(row, full)]
      if (!hosted.has(address.domain)) return [text, { kind: 'remote' }]
      return [text, others.of(address, full)]
    }),
  )
}

/** Hashes of some addresses, themselves and without subaddress, and how a row is found again. */
function finder({ lookupKey }: Parts, addresses: readonly Address[]) {
  const hashes = new Map<string, Buffer>()
  for (const one of addresses)
    for (const { address } of [one, splitSubaddress(one).base])
      if (!hashes.has(address)) hashes.set(address, addressHash(lookupKey, address))
  return {
    hashes: [...hashes.values()],
    by: <Row extends { addressHash: Buffer }>(rows: readonly Row[]) => {
      const byHash = new Map(rows.map((row) => [row.addressHash.toString('hex'), row]))
      const at = (text: string) => byHash.get(hashes.get(text)?.toString('hex') ?? '')
      return (one: Address): Row | undefined => at(one.address) ?? at(splitSubaddress(one).base.address)
    },
  }
}

interface Others {
  /** Everybody whose room has to be known */
  holders: Holder[]
  of(address: Address, full: ReadonlySet<AccountId>): Resolution
}

async function resolveOthers(parts: Parts, addresses: readonly Address[]): Promise<Others> {
  if (addresses.length === 0) return { holders: [], of: () => ({ kind: 'unknown' }) }
  const { lookup } = parts.db.control
  const found = finder(parts, addresses)
  const domains = [...new Set(addresses.map(({ domain }) => domain))]
  const [rows, standIns, homes] = await Promise.all([
    findGroups(lookup, found.hashes),
    findStandIns(lookup, domains),
    Promise.all(
      [...new Set(addresses.filter(needsHome).map(({ domain }) => domain))].map(
        async (domain) => [domain, await findHomeOfDomain(lookup, domain)] as const,
      ),
    ),
  ])
  const groupRows = rows.filter((row) => row.kind !== 'held-back')
  const holderOf = found.by(rows)
  const home = new Map(homes)
  return {
    holders: [...membersOf(groupRows), ...standIns],
    of: (address, full) => {
      const holder = holderOf(address)
      if (holder && holder.kind !== 'held-back') {
        const group = groupResolution(
          groupRows.filter(({ addressHash: hash }) => hash.equals(holder.addressHash)),
          full,
        )
        // A postmaster there must be, even where its group has lost its last member.
        if (group.kind !== 'unknown' || !ROLES.has(address.local)) return group
      }
      if (needsHome(address)) return handover(parts, address, home.get(address.domain))
      if (holder && !ROLES.has(address.local)) return { kind: 'unknown' }
      const standIn = standInOf(standIns, address)
      return standIn ? resolutionOf(standIn, full) : { kind: 'unknown' }
    },
  }
}

const needsHome = ({ local }: Address): boolean => isSrs(local) || REPORTS_TO.has(local)

function handover(
  { lookupKey, clock }: Parts,
  { local }: Address,
  home: Awaited<ReturnType<typeof findHomeOfDomain>>,
): Resolution {
  if (!home) return { kind: 'unknown' }
  if (REPORTS_TO.has(local)) return { kind: 'handover', to: 'reports', ...home, listId: null }
  // Made up, or too old: there is no such address.
  if (readSrs(lookupKey, local, clock.now()) === null) return { kind: 'unknown' }
  return { kind: 'handover', to: 'srs', ...home, listId: null }
}

function standInOf(rows: readonly StandInRow[], { local, domain }: Address): StandInRow | undefined {
  const role = ROLES.has(local) ? 'postmaster' : 'catch-all'
  return (
    rows.find((row) => row.name === domain && row.role === role) ??
    rows.find((row) => row.name === domain && row.role === 'catch-all')
  )
}

function groupResolution(rows: readonly GroupRow[], full: ReadonlySet<AccountId>): Resolution {
  const [first] = rows
  if (!first) return { kind: 'unknown' }
  const { tenantId, tenantRegion, groupId, posting } = first
  if (!first.open) return { kind: 'suspended' }
  if (first.kind === 'list') return { kind: 'handover', to: 'list', tenantId, region: tenantRegion, listId: groupId }
  const members = membersOf(rows).map((member) => resolutionOf(member, full))
  const mailboxes = members.flatMap((one) => (one.kind === 'mailbox' ? [one.mailbox] : []))
  if (mailboxes.length > 0) return { kind: 'group', tenantId, mailboxes, posting }
  return members.find(({ kind }) => kind !== 'unknown') ?? { kind: 'unknown' }
}

const membersOf = (rows: readonly GroupRow[]): Holder[] =>
  rows.flatMap(({ tenantId, member }) => (member ? [{ tenantId, ...member }] : []))

function resolutionOf(row: Holder, full: ReadonlySet<AccountId>): Resolution {
  switch (row.state) {
    case 'active':
    case 'closing':
      return full.has(row.accountId) ? { kind: 'full' } : { kind: 'mailbox', mailbox: toMailbox(row) }
    case 'suspended':
    case 'provisioning':
      return { kind: 'suspended' }
    // `blocked` too: nothing tells that there is a masked address.
    default:
      return { kind: 'unknown' }
  }
}

const toMailbox = ({ tenantId, accountId, region, publicKey, keyVersion }: Holder): Mailbox => ({
  tenantId,
  accountId,
  region,
  publicKey,
  keyVersion,
})

/** Accounts that have no room left, by the counters in their regions. A region that is away says nothing; delivery will. */
async function fullMailboxes(db: Databases, rows: readonly Holder[]): Promise<Set<AccountId>> {
  const regions = new Map<string, Holder[]>()
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
