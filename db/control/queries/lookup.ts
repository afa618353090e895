import type { Sql } from '#db/client'
import type { AccountId, CredentialId, DomainId, GroupId, RegionId, TenantId } from '#lib/ids'

/** The questions the look-up role may ask; each is one function of db/unsafe. */
export interface RecipientRow {
  addressHash: Buffer
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  publicKey: Buffer
  keyVersion: number
  state: string
}

export async function findRecipients(sql: Sql, hashes: readonly Buffer[]): Promise<RecipientRow[]> {
  return sql<RecipientRow[]>`
    select address_hash "addressHash", tenant_id "tenantId", account_id "accountId", region, public_key "publicKey", key_version "keyVersion", state
    from unsafe.recipients(${sql.array(hashes as Buffer[], 1001)})`
}

export interface GroupRow {
  addressHash: Buffer
  tenantId: TenantId
  /** Where the tenant's own things are kept */
  tenantRegion: RegionId
  /** Neither tenant nor reseller is suspended. */
  open: boolean
  groupId: GroupId
  kind: 'group' | 'list'
  posting: 'anyone' | 'tenant' | 'members'
  /** A member here; null of a list, and of a group of nobody */
  member: Pick<RecipientRow, 'accountId' | 'region' | 'publicKey' | 'keyVersion' | 'state'> | null
}

/** An address that was somebody's, and is nobody's until its quarantine is over. */
export interface HeldBackRow {
  addressHash: Buffer
  kind: 'held-back'
}

/** Groups and lists at addresses, a row for each member of a group; and which of the addresses are in quarantine. */
export async function findGroups(sql: Sql, hashes: readonly Buffer[]): Promise<(GroupRow | HeldBackRow)[]> {
  const rows = await sql<
    (Omit<GroupRow, 'member' | 'groupId'> &
      Omit<RecipientRow, 'addressHash' | 'tenantId' | 'accountId'> & {
        groupId: GroupId | null
        accountId: AccountId | null
      })[]
  >`
    select address_hash "addressHash", tenant_id "tenantId", tenant_region "tenantRegion", open, group_id "groupId", kind, posting, account_id "accountId",
      region, public_key "publicKey", key_version "keyVersion", state
    from unsafe.groups_at(${sql.array(hashes as Buffer[], 1001)})`
  return rows.map(({ groupId, accountId, region, publicKey, keyVersion, state, ...group }) => {
    if (groupId === null) return { addressHash: group.addressHash, kind: 'held-back' }
    const member = accountId === null ? null : { accountId, region, publicKey, keyVersion, state }
    return { ...group, groupId, member }
  })
}

export interface ListRow {
  sealed: Buffer
  posting: 'anyone' | 'tenant' | 'members'
  members: ListMemberRow[]
}

export interface ListMemberRow {
  id: string
  /** Of a member elsewhere */
  addressSealed: Buffer | null
  addressHash: Buffer | null
  account: Pick<RecipientRow, 'accountId' | 'region' | 'publicKey' | 'keyVersion' | 'state'> | null
}

/** A list with its members; undefined when there is none. */
export async function findList(sql: Sql, of: { tenantId: TenantId; groupId: GroupId }): Promise<ListRow | undefined> {
  const rows = await sql<
    (Pick<ListRow, 'sealed' | 'posting'> &
      Pick<ListMemberRow, 'addressSealed' | 'addressHash'> &
      Pick<RecipientRow, 'region' | 'publicKey' | 'keyVersion' | 'state'> & {
        memberId: string | null
        accountId: AccountId | null
      })[]
  >`
    select sealed, posting, member_id "memberId", address_sealed "addressSealed", address_hash "addressHash", account_id "accountId", region,
      public_key "publicKey", key_version "keyVersion", state
    from unsafe.list_with_members(${of.tenantId}, ${of.groupId})`
  const [first] = rows
  if (!first) return undefined
  const members = rows.flatMap(({ memberId, addressSealed, addressHash, accountId, ...rest }): ListMemberRow[] => {
    if (memberId === null) return []
    const { region, publicKey, keyVersion, state } = rest
    const account = accountId === null ? null : { accountId, region, publicKey, keyVersion, state }
    return [{ id: memberId, addressSealed, addressHash, account }]
  })
  return { sealed: first.sealed, posting: first.posting, members }
}

/** Takes somebody elsewhere off a list; false when they were not on it. */
export async function leaveList(
  sql: Sql,
  of: { tenantId: TenantId; groupId: GroupId; addressHash: Buffer },
): Promise<boolean> {
  const rows = await sql<
    { left: boolean }[]
  >`select unsafe.leave_list(${of.tenantId}, ${of.groupId}, ${of.addressHash}) "left"`
  return rows[0]?.left === true
}

export interface StandInRow extends Omit<RecipientRow, 'addressHash'> {
  name: string
  role: 'catch-all' | 'postmaster'
}

/** Who stands in for addresses of verified domains that nobody has. */
export async function findStandIns(sql: Sql, names: readonly string[]): Promise<StandInRow[]> {
  return sql<StandInRow[]>`
    select name, role, tenant_id "tenantId", account_id "accountId", region, public_key "publicKey", key_version "keyVersion", state
    from unsafe.stand_ins(${names as string[]}::text[])`
}

export async function findHostedDomains(sql: Sql, names: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ name: string }[]>`select name from unsafe.hosted_domains(${names as string[]}::text[])`
  return new Set(rows.map((row) => row.name))
}

/** The tenant and id of a verified domain; undefined when nobody here has it. */
export async function findDomain(
  sql: Sql,
  name: string,
): Promise<{ tenantId: TenantId; domainId: DomainId } | undefined> {
  const rows = await sql<{ tenantId: TenantId; domainId: DomainId }[]>`
    select tenant_id "tenantId", id "domainId" from unsafe.domain_holder(${name})`
  return rows[0]
}

/** The tenant of a verified domain and its region. */
export async function findHomeOfDomain(
  sql: Sql,
  name: string,
): Promise<{ tenantId: TenantId; region: RegionId } | undefined> {
  const rows = await sql<{ tenantId: TenantId; region: RegionId }[]>`
    select tenant_id "tenantId", region from unsafe.home_of_domain(${name})`
  return rows[0]
}

export interface SignInRow {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  state: string
  tenantState: string
  epoch: number
  credentialId: CredentialId
  kind: 'password' | 'app'
  secretHash: string
  protocols: string[]
}

export async function findSignIn(sql: Sql, hash: Buffer): Promise<SignInRow[]> {
  return sql<SignInRow[]>`
    select tenant_id "tenantId", account_id "accountId", region, state, tenant_state "tenantState", epoch, credential_id "credentialId", kind,
      secret_hash "secretHash", protocols from unsafe.account_for_sign_in(${hash})`
}

export async function touchCredential(sql: Sql, tenant: TenantId, credential: CredentialId): Promise<void> {
  await sql`select unsafe.touch_credential(${tenant}, ${credential})`
}

export interface TokenRow {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  state: string
  tenantState: string
  epoch: number
  tokenId: CredentialId
  protocols: string[]
  addressSealed: Buffer
}

/** The account behind an access token's hash; undefined when there is no such token or its time is over. */
export async function findToken(sql: Sql, hash: Buffer): Promise<TokenRow | undefined> {
  const rows = await sql<TokenRow[]>`
    select tenant_id "tenantId", account_id "accountId", region, state, tenant_state "tenantState", epoch, token_id "tokenId", protocols,
      address_sealed "addressSealed" from unsafe.account_for_token(${hash})`
  return rows[0]
}

export async function touchAccessToken(sql: Sql, tenant: TenantId, token: CredentialId): Promise<void> {
  await sql`select unsafe.touch_access_token(${tenant}, ${token})`
}

export async function isAddressOf(
  sql: Sql,
  at: { tenantId: TenantId; accountId: AccountId },
  hash: Buffer,
): Promise<boolean> {
  const rows = await sql<{ yes: boolean }[]>`select unsafe.address_of(${at.tenantId}, ${at.accountId}, ${hash}) yes`
  return rows[0]?.yes === true
}

/** The public key that the logs of a day (since 1970-01-01) are sealed to; undefined before the day has one. */
export async function findLogKey(sql: Sql, day: number): Promise<Buffer | undefined> {
  const rows = await sql<{ key: Buffer | null }[]>`select unsafe.log_key(${day}) key`
  return rows[0]?.key ?? undefined
}

/** The public key of an account that is not closed. */
export async function findAccountKey(
  sql: Sql,
  of: { tenantId: TenantId; accountId: AccountId },
): Promise<{ publicKey: Buffer; keyVersion: number } | undefined> {
  const rows = await sql<{ publicKey: Buffer; keyVersion: number }[]>`
    select public_key "publicKey", key_version "keyVersion" from unsafe.account_key(${of.tenantId}, ${of.accountId})`
  return rows[0]
}

export async function findQueueKey(
  sql: Sql,
  tenant: TenantId,
): Promise<{ publicKey: Buffer; keyVersion: number } | undefined> {
  const rows = await sql<
    { publicKey: Buffer; keyVersion: number }[]
  >`select public_key "publicKey", key_version "keyVersion" from unsafe.queue_key(${tenant})`
  return rows[0]
}

/** Failures since a moment, in the order of `keys`. */
export async function readFailures(sql: Sql, keys: readonly Buffer[], since: Date): Promise<number[]> {
  const rows = await sql<{ keyHash: Buffer; failures: number }[]>`
    select key_hash "keyHash", failures from unsafe.failures(${sql.array(keys as Buffer[], 1001)}, ${since})`
  const found = new Map(rows.map((row) => [row.keyHash.toString('hex'), row.failures]))
  return keys.map((key) => found.get(key.toString('hex')) ?? 0)
}

export async function countFailure(sql: Sql, keys: readonly Buffer[], minute: Date): Promise<void> {
  await sql`select unsafe.count_failure(${sql.array(keys as Buffer[], 1001)}, ${minute})`
}
