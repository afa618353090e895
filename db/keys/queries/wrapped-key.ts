import type { Tx } from '#db/client'
import type { wrappedKey } from '#db/keys/schema/index'

export type KeyPurpose = (typeof wrappedKey.$inferSelect)['purpose']
type Wrapper = (typeof wrappedKey.$inferSelect)['wrapper']

export interface WrappedKeyRow {
  ownerId: string
  purpose: KeyPurpose
  version: number
  wrapperVersion: number
  wrapped: Buffer
}

interface NewKeyRow {
  scope: string
  owner: string
  purpose: KeyPurpose
  version: number
  wrapper: Wrapper
  wrapperId: string
  wrapperVersion: number
  wrapped: Buffer
}

/** Inserts a wrapped key unless one of this version stands already; never replaces one. */
export async function insertKey(tx: Tx, row: NewKeyRow): Promise<void> {
  await tx`insert into wrapped_key (scope_id, owner_id, purpose, version, wrapper, wrapper_id, wrapper_version, wrapped)
    values (${row.scope}, ${row.owner}, ${row.purpose}, ${row.version}, ${row.wrapper}, ${row.wrapperId}, ${row.wrapperVersion}, ${row.wrapped})
    on conflict do nothing`
}

/** The newest version of a key wrapped by the root or the tenant key. */
export async function selectKey(
  tx: Tx,
  key: { scope: string; owner: string; purpose: KeyPurpose },
): Promise<WrappedKeyRow | undefined> {
  const rows = await tx<WrappedKeyRow[]>`
    select owner_id "ownerId", purpose, version, wrapper_version "wrapperVersion", wrapped from wrapped_key
    where scope_id = ${key.scope} and owner_id = ${key.owner} and purpose = ${key.purpose} and wrapper in ('root', 'tenant')
    order by version desc limit 1`
  return rows[0]
}

/** The newest version of every key of one purpose in a scope. */
export async function selectKeys(tx: Tx, keys: { scope: string; purpose: KeyPurpose }): Promise<WrappedKeyRow[]> {
  return tx<WrappedKeyRow[]>`
    select distinct on (owner_id) owner_id "ownerId", purpose, version, wrapper_version "wrapperVersion", wrapped from wrapped_key
    where scope_id = ${keys.scope} and purpose = ${keys.purpose} and wrapper in ('root', 'tenant')
    order by owner_id, version desc`
}

/** Deletes every key of an owner, all purposes, versions and wrappers; returns the number of rows. */
export async function destroyKeys(tx: Tx, keys: { scope: string; owner: string }): Promise<number> {
  const result = await tx`delete from wrapped_key where scope_id = ${keys.scope} and owner_id = ${keys.owner}`
  return result.count
}

/** One version of a key wrapped by the root. */
export async function selectKeyVersion(
  tx: Tx,
  key: { scope: string; owner: string; purpose: KeyPurpose; version: number },
): Promise<WrappedKeyRow | undefined> {
  const rows = await tx<WrappedKeyRow[]>`
    select owner_id "ownerId", purpose, version, wrapper_version "wrapperVersion", wrapped from wrapped_key
    where scope_id = ${key.scope} and owner_id = ${key.owner} and purpose = ${key.purpose} and version = ${key.version} and wrapper = 'root'`
  return rows[0]
}

/** Deletes the versions of a key that come before one; returns the number of rows. */
export async function destroyVersionsBefore(
  tx: Tx,
  keys: { scope: string; owner: string; purpose: KeyPurpose; version: number },
): Promise<number> {
  const result = await tx`delete from wrapped_key
    where scope_id = ${keys.scope} and owner_id = ${keys.owner} and purpose = ${keys.purpose} and version < ${keys.version}`
  return result.count
}

/** Deletes the keys of one purpose made before a moment whose owners are not among `keep`; returns the number of rows. */
export async function destroyKeysExcept(
  tx: Tx,
  keys: { scope: string; purpose: KeyPurpose; keep: readonly string[]; before: Date },
): Promise<number> {
  const result = await tx`delete from wrapped_key
    where scope_id = ${keys.scope} and purpose = ${keys.purpose} and created_at < ${keys.before}
      and owner_id <> all(${[...keys.keep]}::uuid[])`
  return result.count
}
