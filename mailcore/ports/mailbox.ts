import type { AccountId, RegionId, TenantId } from '#lib/ids'

/** Where mail for one address goes. The public key is all that delivery needs to seal it. */
export interface Mailbox {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  /** X25519, 32 bytes */
  publicKey: Buffer
  keyVersion: number
}

/** Where a copy of a message goes other than INBOX. */
export type Destination = { folder: 'junk' } | { folder: 'quarantine'; cause: 'spam' | 'dmarc' | 'rule' | 'unscanned' }
