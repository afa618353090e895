import type { DomainRow } from '#db/control/queries/domain'
import type { DomainId } from '#lib/ids'

export interface DomainView {
  id: DomainId
  name: string
  state: 'unverified' | 'verified'
  /** The TXT record that proves control: its name and its text. */
  proof: { name: string; text: string }
  addresses: number
  createdAt: Date
  verifiedAt: Date | null
}

export const proofName = (domain: string): string => `_mailtight.${domain}`

export const domainView = (row: DomainRow & { addresses: number }): DomainView => ({
  id: row.id,
  name: row.name,
  state: row.state,
  proof: { name: proofName(row.name), text: row.proofToken },
  addresses: row.addresses,
  createdAt: row.createdAt,
  verifiedAt: row.verifiedAt,
})
