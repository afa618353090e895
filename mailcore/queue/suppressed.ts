import { open, seal } from '#lib/crypto/aead'
import type { BoxOpener, BoxSealer } from '#lib/crypto/box'
import type { TenantId } from '#lib/ids'

const keyContext = (tenantId: TenantId, hash: Buffer) => ['suppression-key/v1', tenantId, hash.toString('hex')] as const
const context = (tenantId: TenantId, hash: Buffer) => ['suppression/v1', tenantId, hash.toString('hex')] as const

export interface At {
  tenantId: TenantId
  hash: Buffer
}

/** Seals a suppressed address to the tenant's queue key: length of the wrapped key (u16), the wrapped key, the sealed address. */
export function sealAddress(
  sealer: BoxSealer,
  to: { publicKey: Buffer; keyVersion: number },
  { tenantId, hash }: At,
  address: string,
): Buffer {
  const { key, wrapped } = sealer.newMessageKey(to.publicKey, to.keyVersion, keyContext(tenantId, hash))
  const length = Buffer.alloc(2)
  length.writeUInt16LE(wrapped.length)
  return Buffer.concat([length, wrapped, seal(key, Buffer.from(address), context(tenantId, hash))])
}

export function openAddress(opener: BoxOpener, { tenantId, hash }: At, sealed: Buffer): string {
  const end = 2 + sealed.readUInt16LE(0)
  const key = opener.unwrap(sealed.subarray(2, end), keyContext(tenantId, hash))
  return open(key, sealed.subarray(end), context(tenantId, hash)).toString()
}
