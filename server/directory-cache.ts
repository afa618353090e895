import type { Databases } from '#db/client'
import { type AccountRow, selectLivingAccounts } from '#db/control/queries/account'
import { open } from '#lib/crypto/aead'
import type { AccountId, TenantId } from '#lib/ids'
import type { Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/api'

/** A subscriber with name and address in clear: lives in memory only, where lists are sorted and searched. */
export interface Person {
  tenantId: TenantId
  accountId: AccountId
  address: string
  name: string
  role: AccountRow['role']
  state: AccountRow['state']
  mode: AccountRow['mode']
  recoverDays: number
  quotaBytes: number
  createdAt: Date
  closingUntil: Date | null
}

export interface DirectoryCache {
  /** The living people of a tenant, sorted by address. */
  people(tenantId: TenantId): Promise<readonly Person[]>
  forget(tenantId: TenantId): void
  /** Listens for changes made by other processes; without it, entries only last a few seconds. */
  start(): Promise<Running>
}

/** People kept in memory, over all tenants; about 500 bytes each, so at most 100 MB. */
const MOST_PEOPLE = 200_000
/** How long an entry serves a process that does not listen. */
const UNHEARD_MS = 2_000

interface Entry {
  people: readonly Person[]
  until: number
}

export const profileContext = (tenantId: TenantId, accountId: AccountId) => ['profile/v1', tenantId, accountId] as const

/** What `account.profile_sealed` holds. */
export interface Profile {
  address: string
  name: string
}

export const readProfile = (key: Buffer, sealed: Buffer, tenantId: TenantId, accountId: AccountId): Profile =>
  JSON.parse(open(key, sealed, profileContext(tenantId, accountId)).toString()) as Profile

/** Makes the cache of one process. Entries go when another process says so, least recently used first when there are too many. */
export function createDirectoryCache(parts: { db: Databases; keys: KeyService; log: Log }): DirectoryCache {
  const entries = new Map<TenantId, Entry>()
  const loading = new Map<TenantId, Promise<readonly Person[]>>()
  // A load that began before a change must not be kept after it.
  const changes = new Map<TenantId, number>()
  let epoch = 0
  let held = 0
  let listening = false

  const drop = (tenantId: TenantId) => {
    held -= entries.get(tenantId)?.people.length ?? 0
    entries.delete(tenantId)
  }
  const forget = (tenantId: TenantId) => {
    drop(tenantId)
    loading.delete(tenantId)
    if (changes.size > 10_000) {
      changes.clear()
      epoch++
    }
    changes.set(tenantId, (changes.get(tenantId) ?? 0) + 1)
  }
  const forgetAll = () => {
    entries.clear()
    loading.clear()
    changes.clear()
    held = 0
    epoch++
  }
  const load = async (tenantId: TenantId): Promise<readonly Person[]> => {
    const stamp = `${epoch}/${changes.get(tenantId) ?? 0}`
    const people = await readPeople(parts, tenantId)
    if (stamp === `${epoch}/${changes.get(tenantId) ?? 0}`) {
      drop(tenantId)
      for (const oldest of entries.keys()) {
        if (held + people.length <= MOST_PEOPLE) break
        drop(oldest)
      }
      entries.set(tenantId, { people, until: listening ? Number.POSITIVE_INFINITY : Date.now() + UNHEARD_MS })
      held += people.length
    }
    return people
  }

  return {
    people: async (tenantId) => {
      const known = entries.get(tenantId)
      if (known && known.until > Date.now()) {
        entries.delete(tenantId)
        entries.set(tenantId, known)
        return known.people
      }
      const running = loading.get(tenantId)
      if (running) return running
      const mine = load(tenantId)
      loading.set(tenantId, mine)
      try {
        return await mine
      } finally {
        if (loading.get(tenantId) === mine) loading.delete(tenantId)
      }
    },
    forget,
    start: async () => {
      const stop = await parts.db.listenControl(
        'directory_changed',
        (payload) => forget(payload as TenantId),
        forgetAll,
      )
      forgetAll()
      listening = true
      return {
        stop: async () => {
          listening = false
          forgetAll()
          await stop()
        },
      }
    },
  }
}

async function readPeople(
  { db, keys, log }: { db: Databases; keys: KeyService; log: Log },
  tenantId: TenantId,
): Promise<readonly Person[]> {
  const rows = await db.control.withTenant(tenantId, (tx) => selectLivingAccounts(tx, tenantId))
  const profileKeys = rows.length === 0 ? new Map<AccountId, Buffer>() : await keys.profileKeys(tenantId)
  const people: Person[] = []
  for (const row of rows) {
    const key = profileKeys.get(row.id)
    // Without a profile yet, or with its keys destroyed a moment ago: there is nobody to show.
    if (!row.profileSealed || !key) {
      if (row.state !== 'provisioning' && row.state !== 'closing')
        log.warn('account without profile', { account: row.id })
      continue
    }
    const { address, name } = readProfile(key, row.profileSealed, tenantId, row.id)
    const { role, state, mode, recoverDays, quotaBytes, createdAt, closingUntil } = row
    people.push({
      tenantId,
      accountId: row.id,
      address,
      name,
      role,
      state,
      mode,
      recoverDays,
      quotaBytes,
      createdAt,
      closingUntil,
    })
  }
  return people.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
}
