import type { Databases } from '#db/client'
import {
  destroyKeys,
  destroyKeysExcept,
  destroyVersionsBefore,
  insertKey,
  type KeyPurpose,
  selectKey,
  selectKeys,
  selectKeyVersion,
  type WrappedKeyRow,
} from '#db/keys/queries/wrapped-key'
import { type Context, newKey, open, seal } from '#lib/crypto/aead'
import { BoxOpener, type KeyPair, newKeyPair } from '#lib/crypto/box'
import { deriveKey } from '#lib/crypto/hash'
import { Fault } from '#lib/errors'
import type { AccountId, DkimKeyId, ResellerId, TenantId } from '#lib/ids'
import type { RootKms } from '#mailcore/keys/root'

/** Scope of the operator's own key (names and addresses of operator staff): no tenant, no reseller. */
export const OPERATOR_SCOPE = '00000000-0000-8000-8000-000000000001' as ResellerId

/** The open keys of one mailbox. `names` hides folder names and keywords; the pair opens message keys. */
export interface MailboxKeys {
  readonly pair: KeyPair
  /** Version of the pair; what is sealed to it names this version. */
  readonly version: number
  readonly opener: BoxOpener
  /** Look-up hashes of names (HMAC key, 32 bytes) */
  readonly nameHashKey: Buffer
  /** Seals names (AES key, 32 bytes) */
  readonly nameKey: Buffer
}

/**
 * root key > tenant key > account keys (profile: name and address, labels, reasons; mailbox: pair and name keys) > message keys.
 * Beside them, under the tenant key: the private halves of its signing keys; under the root: one pair for the logs of each day.
 * Every wrapped key binds scope, owner, purpose and version. Creating is idempotent: a second call answers with the key that is there.
 */
export interface KeyService {
  createReseller(reseller: ResellerId): Promise<Buffer>
  createTenant(tenant: TenantId): Promise<{ tenantKey: Buffer; queuePublicKey: Buffer; queueKeyVersion: number }>
  createAccount(
    tenant: TenantId,
    account: AccountId,
  ): Promise<{ profileKey: Buffer; publicKey: Buffer; keyVersion: number }>
  resellerKey(reseller: ResellerId): Promise<Buffer>
  operatorKey(): Promise<Buffer>
  tenantKey(tenant: TenantId): Promise<Buffer>
  queuePair(tenant: TenantId): Promise<KeyPair>
  profileKey(tenant: TenantId, account: AccountId): Promise<Buffer>
  /** Profile keys of all living accounts of a tenant. */
  profileKeys(tenant: TenantId): Promise<Map<AccountId, Buffer>>
  mailboxKeys(tenant: TenantId, account: AccountId): Promise<MailboxKeys>
  /** Destroys every key of an account; returns how many rows went. What was sealed under them is unreadable from then on. */
  destroyAccount(tenant: TenantId, account: AccountId): Promise<number>
  /** Keeps the private half of a signing key (PKCS #8, DER) unless one stands already; answers with the one that stands. */
  createDkimKey(tenant: TenantId, key: DkimKeyId, privateKey: Buffer): Promise<Buffer>
  /** The private half of a signing key (PKCS #8, DER). Throws NOT_FOUND once destroyed. */
  dkimKey(tenant: TenantId, key: DkimKeyId): Promise<Buffer>
  /** Destroys the private half of a signing key; nothing can be signed with it from then on. Idempotent. */
  destroyDkimKey(tenant: TenantId, key: DkimKeyId): Promise<void>
  /** Destroys the private halves made before a moment that are not among `keep`: what an interrupted creation, retirement or removal has left. Returns how many. */
  sweepDkimKeys(tenant: TenantId, keep: readonly DkimKeyId[], before: Date): Promise<number>
  /** The pair that the logs of one UTC day (days since 1970-01-01) are sealed to, wrapped by the root key; made if it is not there. */
  createLogPair(day: number): Promise<KeyPair>
  /** The pair of a day. Throws NOT_FOUND when it was never made or is destroyed. */
  logPair(day: number): Promise<KeyPair>
  /** Destroys the pairs of all days before `day`; returns how many. What was sealed to them is unreadable from then on. */
  destroyLogPairsBefore(day: number): Promise<number>
}

/** How long an opened tenant key is remembered (reliability C-07: at most 5 minutes). */
const REMEMBER_MS = 4 * 60_000
const VERSION = 1
const NIL = '00000000-0000-0000-0000-000000000000'

const contextOf = (scope: string, owner: string, purpose: KeyPurpose, version: number): Context => [
  'key/v1',
  scope,
  owner,
  purpose,
  version,
]

// A pair travels as private key, public key, and one symmetric secret: 96 bytes.
const packPair = (pair: KeyPair): Buffer => Buffer.concat([pair.privateKey, pair.publicKey, newKey()])
const pairOf = (secret: Buffer): KeyPair => ({ privateKey: secret.subarray(0, 32), publicKey: secret.subarray(32, 64) })

/** The key service over the key database and a root provider. */
export function createKeyService(db: Databases, kms: RootKms): KeyService {
  const remembered = new Map<string, { key: Buffer; until: number }>()

  const unwrapScopeKey = async (scope: TenantId | ResellerId, purpose: KeyPurpose): Promise<Buffer> => {
    const name = `${scope}|${purpose}`
    const known = remembered.get(name)
    if (known && known.until > Date.now()) return known.key
    const row = await db.withKeys(scope, (tx) => selectKey(tx, { scope, owner: scope, purpose }))
    if (!row) throw gone(purpose)
    const key = await kms.unwrap(row.wrapped, row.wrapperVersion, contextOf(scope, scope, purpose, row.version))
    if (remembered.size >= 10_000) remembered.clear()
    remembered.set(name, { key, until: Date.now() + REMEMBER_MS })
    return key
  }

  const createScopeKey = async (scope: TenantId | ResellerId, purpose: KeyPurpose): Promise<Buffer> => {
    const { wrapped, version } = await kms.wrap(newKey(), contextOf(scope, scope, purpose, VERSION))
    await db.withKeys(scope, (tx) =>
      insertKey(tx, {
        scope,
        owner: scope,
        purpose,
        version: VERSION,
        wrapper: 'root',
        wrapperId: NIL,
        wrapperVersion: version,
        wrapped,
      }),
    )
    return unwrapScopeKey(scope, purpose)
  }

  /** Makes a key wrapped by the tenant key unless it is there; returns the one that is. */
  const createUnderTenant = async (
    tenant: TenantId,
    owner: string,
    purpose: KeyPurpose,
    secret: () => Buffer,
  ): Promise<Buffer> => {
    const tenantKey = await unwrapScopeKey(tenant, 'tenant')
    const wrapped = seal(tenantKey, secret(), contextOf(tenant, owner, purpose, VERSION))
    const row = await db.withKeys(tenant, async (tx) => {
      await insertKey(tx, {
        scope: tenant,
        owner,
        purpose,
        version: VERSION,
        wrapper: 'tenant',
        wrapperId: NIL,
        wrapperVersion: VERSION,
        wrapped,
      })
      return selectKey(tx, { scope: tenant, owner, purpose })
    })
    if (!row) throw gone(purpose)
    return openRow(tenantKey, tenant, row)
  }

  const openRow = (tenantKey: Buffer, tenant: TenantId, row: WrappedKeyRow): Buffer =>
    open(tenantKey, row.wrapped, contextOf(tenant, row.ownerId, row.purpose, row.version))

  const openVersioned = async (
    tenant: TenantId,
    owner: string,
    purpose: KeyPurpose,
  ): Promise<{ secret: Buffer; version: number }> => {
    const tenantKey = await unwrapScopeKey(tenant, 'tenant')
    const row = await db.withKeys(tenant, (tx) => selectKey(tx, { scope: tenant, owner, purpose }))
    if (!row) throw gone(purpose)
    return { secret: openRow(tenantKey, tenant, row), version: row.version }
  }

  const openUnderTenant = async (tenant: TenantId, owner: string, purpose: KeyPurpose): Promise<Buffer> =>
    (await openVersioned(tenant, owner, purpose)).secret

  return {
    createReseller: (reseller) => createScopeKey(reseller, 'reseller'),
    createTenant: async (tenant) => {
      const tenantKey = await createScopeKey(tenant, 'tenant')
      const secret = await createUnderTenant(tenant, tenant, 'queue', () => packPair(newKeyPair()))
      return { tenantKey, queuePublicKey: pairOf(secret).publicKey, queueKeyVersion: VERSION }
    },
    createAccount: async (tenant, account) => {
      const profileKey = await createUnderTenant(tenant, account, 'profile', newKey)
      const secret = await createUnderTenant(tenant, account, 'mailbox', () => packPair(newKeyPair()))
      return { profileKey, publicKey: pairOf(secret).publicKey, keyVersion: VERSION }
    },
    resellerKey: (reseller) => unwrapScopeKey(reseller, 'reseller'),
    operatorKey: () => createOrOpenOperator(unwrapScopeKey, createScopeKey),
    tenantKey: (tenant) => unwrapScopeKey(tenant, 'tenant'),
    queuePair: async (tenant) => pairOf(await openUnderTenant(tenant, tenant, 'queue')),
    profileKey: (tenant, account) => openUnderTenant(tenant, account, 'profile'),
    profileKeys: async (tenant) => {
      const tenantKey = await unwrapScopeKey(tenant, 'tenant')
      const rows = await db.withKeys(tenant, (tx) => selectKeys(tx, { scope: tenant, purpose: 'profile' }))
      return new Map(rows.map((row) => [row.ownerId as AccountId, openRow(tenantKey, tenant, row)]))
    },
    mailboxKeys: async (tenant, account) => {
      const { secret, version } = await openVersioned(tenant, account, 'mailbox')
      const pair = pairOf(secret)
      const symmetric = secret.subarray(64)
      return {
        pair,
        version,
        opener: new BoxOpener(pair),
        nameHashKey: deriveKey(symmetric, 'mailtight/name-hash/v1'),
        nameKey: deriveKey(symmetric, 'mailtight/name/v1'),
      }
    },
    destroyAccount: (tenant, account) =>
      db.withKeys(tenant, (tx) => destroyKeys(tx, { scope: tenant, owner: account })),
    createDkimKey: (tenant, key, privateKey) => createUnderTenant(tenant, key, 'dkim', () => privateKey),
    dkimKey: (tenant, key) => openUnderTenant(tenant, key, 'dkim'),
    destroyDkimKey: async (tenant, key) => {
      await db.withKeys(tenant, (tx) => destroyKeys(tx, { scope: tenant, owner: key }))
    },
    sweepDkimKeys: (tenant, keep, before) =>
      db.withKeys(tenant, (tx) => destroyKeysExcept(tx, { scope: tenant, purpose: 'dkim', keep, before })),
    ...logPairs(db, kms),
  }
}

/** The version of a log pair is its day: one owner, one row a day. Not remembered here: whoever reads logs keeps what it opened, for as long as it reads. */
function logPairs(
  db: Databases,
  kms: RootKms,
): Pick<KeyService, 'createLogPair' | 'logPair' | 'destroyLogPairsBefore'> {
  const name = { scope: OPERATOR_SCOPE, owner: OPERATOR_SCOPE, purpose: 'log' } as const
  const contextOfDay = (day: number) => contextOf(OPERATOR_SCOPE, OPERATOR_SCOPE, 'log', day)
  const logPair = async (day: number): Promise<KeyPair> => {
    const row = await db.withKeys(OPERATOR_SCOPE, (tx) => selectKeyVersion(tx, { ...name, version: day }))
    if (!row) throw gone('log')
    return pairOf(await kms.unwrap(row.wrapped, row.wrapperVersion, contextOfDay(day)))
  }
  return {
    logPair,
    createLogPair: async (day) => {
      const { wrapped, version } = await kms.wrap(packPair(newKeyPair()), contextOfDay(day))
      await db.withKeys(OPERATOR_SCOPE, (tx) =>
        insertKey(tx, {
          ...name,
          version: day,
          wrapper: 'root',
          wrapperId: NIL,
          wrapperVersion: version,
          wrapped,
        }),
      )
      return logPair(day)
    },
    destroyLogPairsBefore: (day) =>
      db.withKeys(OPERATOR_SCOPE, (tx) => destroyVersionsBefore(tx, { ...name, version: day })),
  }
}

async function createOrOpenOperator(
  openKey: (scope: ResellerId, purpose: KeyPurpose) => Promise<Buffer>,
  create: (scope: ResellerId, purpose: KeyPurpose) => Promise<Buffer>,
): Promise<Buffer> {
  try {
    return await openKey(OPERATOR_SCOPE, 'operator')
  } catch (error) {
    if (error instanceof Fault && error.code === 'NOT_FOUND') return create(OPERATOR_SCOPE, 'operator')
    throw error
  }
}

const gone = (purpose: KeyPurpose) =>
  new Fault('NOT_FOUND', 'The key of this object does not exist or was destroyed.', { internal: `key gone:${purpose}` })
