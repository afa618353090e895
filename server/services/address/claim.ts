import type { ControlTx } from '#db/client'
import { addressState, freeOwnAddress } from '#db/control/queries/directory'
import { lockDomainName, selectDomain } from '#db/control/queries/domain'
import { Fault } from '#lib/errors'
import type { DomainId, TenantId } from '#lib/ids'
import { splitSubaddress } from '#mailcore/api'
import type { ServiceContext } from '#server/services'
import { addressOf } from '#server/services/input/text'

/** An address that can stand by itself. Throws BAD_REQUEST for `ann+anything`, which is ann's: whoever had it would take it from her, and from her successors what the quarantine holds back. */
export function wholeAddress(text: string): { address: string; local: string; domain: string } {
  const parsed = addressOf(text)
  if (splitSubaddress(parsed).tag !== null)
    throw new Fault('BAD_REQUEST', 'An address with + belongs to the mailbox named before it.', { field: 'address' })
  // What mail is sent on under (SRS), and what a bounce of a list comes to, is made here.
  if (parsed.local.startsWith('srs0='))
    throw new Fault('BAD_REQUEST', 'An address cannot begin with srs0=.', { field: 'address' })
  return parsed
}

export function hashOf(ctx: ServiceContext, address: string): Buffer {
  const hash = ctx.core.addressHash(address)
  if (!hash) throw new Fault('BAD_REQUEST', 'This is not a valid e-mail address.', { field: 'address' })
  return hash
}

export const inUse = () => new Fault('CONFLICT', 'This address is in use.', { field: 'address' })

/** The verified domain under which an address may be claimed now. Throws BAD_REQUEST for the domain, CONFLICT for an address in use or not yet free again. */
export async function claimable(
  tx: ControlTx,
  wanted: { tenantId: TenantId; domain: string; addressHash: Buffer },
): Promise<DomainId> {
  const { tenantId, domain: name, addressHash } = wanted
  await lockDomainName(tx, name, 'shared')
  const domain = await selectDomain(tx, { tenantId, name })
  if (!domain) throw new Fault('BAD_REQUEST', `${name} is not a domain of this organisation.`, { field: 'address' })
  if (domain.state !== 'verified') throw new Fault('BAD_REQUEST', `${name} is not verified yet.`, { field: 'address' })
  await freeOwnAddress(tx, { tenantId, addressHash })
  const state = await addressState(tx, addressHash)
  if (!state) return domain.id
  if (state.taken) throw inUse()
  const day = state.freeAt?.toISOString().slice(0, 10)
  throw new Fault('CONFLICT', `This address belonged to an account that was ended; it is free again on ${day}.`, {
    field: 'address',
  })
}
