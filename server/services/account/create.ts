import type { ControlTx } from '#db/client'
import { insertAccount } from '#db/control/queries/account'
import { insertCredential } from '#db/control/queries/credential'
import { insertAddress } from '#db/control/queries/directory'
import { lockSeats, type TenantSeats } from '#db/control/queries/seats'
import { isTaken } from '#db/control/queries/taken'
import { hashPassword } from '#lib/crypto/password'
import { Fault } from '#lib/errors'
import { type AccountId, type CredentialId, newId, type TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { beginIntent } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { checkPassword } from '#server/services/account/password'
import { claimable, hashOf, inUse, wholeAddress } from '#server/services/address/claim'
import { countOf, gigabytes, nameOf } from '#server/services/input/text'
import { runIntent } from '#server/services/intents'

export interface CreateAccountInput {
  tenantId: TenantId
  /** On a verified domain of the tenant. */
  address: string
  /** Any name; the local part when left out. */
  name?: string
  password: string
  role?: 'member' | 'admin'
  quotaBytes?: number
}

/** Storage of a new account where nothing else is said. */
const QUOTA_BYTES = 5 * 1024 ** 3

/**
 * Makes an account with its mailbox and keys. Seat and address are claimed first, so that two creations cannot both have the last seat or the
 * same address. Throws LIMIT with the numbers, CONFLICT for an address in use or not yet free again, BAD_REQUEST naming the field.
 */
export async function createAccount(
  ctx: ServiceContext,
  actor: Actor,
  input: CreateAccountInput,
): Promise<{ id: AccountId }> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'account.create', tenantId)
  if (tenant.state !== 'active') throw new Fault('FORBIDDEN', 'This organisation is suspended.')
  const { address, local, domain: domainName } = wholeAddress(input.address)
  const name = nameOf(input.name ?? local, 'name')
  checkPassword(input.password, { address })
  const quotaBytes = countOf(input.quotaBytes ?? QUOTA_BYTES, 'quotaBytes', { least: 0, most: 10 * 1024 ** 4 })
  const addressHash = hashOf(ctx, address)
  const secretHash = await hashPassword(input.password)
  const id = newId<AccountId>()
  try {
    const intentId = await ctx.db.control.withTenant(tenantId, async (tx) => {
      await requireRoom(tx, tenantId, quotaBytes)
      const domainId = await claimable(tx, { tenantId, domain: domainName, addressHash })
      await insertAccount(tx, {
        tenantId,
        id,
        region: tenant.region,
        role: input.role ?? 'member',
        state: 'provisioning',
        publicKey: Buffer.alloc(0),
        keyVersion: 0,
        recoverDays: tenant.recoverDays,
        quotaBytes,
        createdAt: ctx.clock.now(),
      })
      await insertAddress(tx, { addressHash, tenantId, accountId: id, domainId })
      const credential = { tenantId, id: newId<CredentialId>(), accountId: id, kind: 'password' as const }
      await insertCredential(tx, { ...credential, hash: secretHash })
      return beginIntent(tx, {
        actor,
        action: 'account.create',
        concerned: { resellerId: tenant.resellerId, tenantId, accountId: id },
        facts: { role: input.role ?? 'member' },
        input: {},
        now: ctx.clock.now(),
      })
    })
    await runIntent(ctx, intentId, { tenantId, resellerId: tenant.resellerId }, { address, name })
  } catch (error) {
    throw isTaken(error) ? inUse() : error
  }
  return { id }
}

async function requireRoom(tx: ControlTx, tenantId: TenantId, quotaBytes: number): Promise<void> {
  const seats = await lockSeats(tx, tenantId)
  if (!seats) throw new Fault('NOT_FOUND', 'There is no such organisation.')
  if (seats.tenantUsed >= seats.tenantCap)
    throw new Fault('LIMIT', `All ${seats.tenantCap} seats of this organisation are in use.`)
  if (!seats.reserved && seats.resellerClaimed >= seats.resellerCap)
    throw new Fault('LIMIT', `All ${seats.resellerCap} seats of the reseller are given out.`)
  requireStorage(seats, quotaBytes)
}

/** A tenant with a cap gives from its own; one without draws from what the reseller has free. */
function requireStorage(now: TenantSeats, wanted: number): void {
  const own = now.storageCap !== null
  const cap = own ? now.storageCap : now.resellerStorageCap
  if (cap === null) return
  const free = Math.max(0, cap - (own ? now.storageGiven : now.resellerStorageClaimed))
  if (wanted <= free) return
  const whose = own ? 'This organisation' : 'The reseller'
  throw new Fault(
    'LIMIT',
    `${whose} has ${gigabytes(free)} of ${gigabytes(cap)} storage free; the account was to have ${gigabytes(wanted)}.`,
    { field: 'quotaBytes' },
  )
}
