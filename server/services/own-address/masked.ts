import { directoryChanged } from '#db/control/queries/account'
import {
  countSecondary,
  insertAddress,
  releaseSecondary,
  selectSecondary,
  updateMasked,
} from '#db/control/queries/directory'
import { isTaken } from '#db/control/queries/taken'
import { DAY_MS } from '#lib/clock'
import { freshBytes } from '#lib/crypto/random'
import { Fault } from '#lib/errors'
import type { AccountId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { openAlias, sealAlias } from '#lib/sealed-address'
import { authoriseAccount } from '#server/access'
import { readProfile } from '#server/directory-cache'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { claimable, hashOf } from '#server/services/address/claim'
import { addressOf, nameOf } from '#server/services/input/text'

interface Own {
  tenantId: TenantId
  accountId: AccountId
}

export interface MaskedView {
  address: string
  label: string
  /** Switched off: mail to it is refused as if it had never been there. */
  blocked: boolean
  createdAt: Date
}

export interface OwnAddressesView {
  primary: string
  aliases: string[]
  masked: MaskedView[]
}

const CONSONANTS = 'bdfgklmnprstvwxz'
const VOWELS = 'aeiou'
/** Seven syllables of 16 x 5: 44 bits, so that nobody finds one by trying, and a person can still read it out. */
const SYLLABLES = 7

function newLocal(): string {
  let local = ''
  while (local.length < SYLLABLES * 2) {
    const [a = 0, b = 0] = freshBytes(2)
    // 250 is the largest multiple of five below 256: without it some vowels would come more often.
    if (b < 250) local += (CONSONANTS[a & 15] ?? '') + (VOWELS[b % 5] ?? '')
  }
  return local
}

const labelOf = (text: string): string => (text.trim() === '' ? '' : nameOf(text, 'label'))

/** Every address of one's own: the first, those the admin gave, and those made to give away. */
export async function listOwnAddresses(ctx: ServiceContext, actor: Actor, own: Own): Promise<OwnAddressesView> {
  const { tenantId, accountId } = own
  const { account } = await authoriseAccount(ctx, actor, 'account.addresses', own)
  const profileKey = await ctx.core.keys.profileKey(tenantId, accountId)
  const tenantKey = await ctx.core.keys.tenantKey(tenantId)
  const [aliases, masked] = await ctx.db.control.withTenant(tenantId, async (tx) => [
    await selectSecondary(tx, { ...own, kind: 'alias' }),
    await selectSecondary(tx, { ...own, kind: 'masked' }),
  ])
  return {
    primary: account.profileSealed ? readProfile(profileKey, account.profileSealed, tenantId, accountId).address : '',
    aliases: aliases.map(({ addressHash, sealed }) => openAlias(tenantKey, tenantId, addressHash, sealed).address),
    masked: masked
      .map(({ addressHash, sealed, blocked, createdAt }) => ({
        ...openAlias(profileKey, tenantId, addressHash, sealed),
        blocked,
        createdAt,
      }))
      .reverse(),
  }
}

/** Makes an address that says nothing of its owner, on the owner's own domain. Throws LIMIT. */
export async function createMasked(
  ctx: ServiceContext,
  actor: Actor,
  input: Own & { label: string },
): Promise<{ address: string }> {
  const { tenantId, accountId } = input
  const { tenant, account } = await authoriseAccount(ctx, actor, 'account.addresses', input)
  const label = labelOf(input.label)
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  if (!account.profileSealed) throw new Fault('NOT_FOUND', 'There is no such account.')
  const { domain } = addressOf(readProfile(key, account.profileSealed, tenantId, accountId).address)
  const address = `${newLocal()}@${domain}`
  const addressHash = hashOf(ctx, address)
  const sealed = sealAlias(key, tenantId, addressHash, { address, label })
  try {
    await ctx.db.control.withTenant(tenantId, async (tx) => {
      if ((await countSecondary(tx, { tenantId, accountId, kind: 'masked' })) >= LIMITS.maskedPerAccount)
        throw new Fault('LIMIT', `You have ${LIMITS.maskedPerAccount} masked addresses. Remove one first.`)
      const domainId = await claimable(tx, { tenantId, domain, addressHash })
      const createdAt = ctx.clock.now()
      await insertAddress(tx, { addressHash, tenantId, accountId, domainId, kind: 'masked', sealed, createdAt })
      const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
      await recordAct(tx, { actor, action: 'masked.add', concerned })
      await directoryChanged(tx, tenantId)
    })
  } catch (error) {
    if (isTaken(error)) throw new Fault('CONFLICT', 'This address was just taken. Please try again.')
    throw error
  }
  return { address }
}

/** Switches a masked address off or on, or changes its label. Throws NOT_FOUND. */
export async function changeMasked(
  ctx: ServiceContext,
  actor: Actor,
  input: Own & { address: string; blocked?: boolean; label?: string },
): Promise<void> {
  const { tenantId, accountId, blocked } = input
  const { tenant } = await authoriseAccount(ctx, actor, 'account.addresses', input)
  const { address } = addressOf(input.address)
  const addressHash = hashOf(ctx, address)
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  const set = {
    ...(blocked === undefined ? {} : { blocked }),
    ...(input.label === undefined
      ? {}
      : { sealed: sealAlias(key, tenantId, addressHash, { address, label: labelOf(input.label) }) }),
  }
  if (Object.keys(set).length === 0) return
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    if (!(await updateMasked(tx, { tenantId, addressHash, accountId }, set)))
      throw new Fault('NOT_FOUND', 'You have no such masked address.')
    if (blocked === undefined) return
    const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
    await recordAct(tx, { actor, action: blocked ? 'masked.off' : 'masked.on', concerned })
    await directoryChanged(tx, tenantId)
  })
}

/** Gives a masked address up: nobody ever gets it again while it may still be written to. Throws NOT_FOUND. */
export async function removeMasked(ctx: ServiceContext, actor: Actor, input: Own & { address: string }): Promise<void> {
  const { tenantId, accountId } = input
  const { tenant } = await authoriseAccount(ctx, actor, 'account.addresses', input)
  const addressHash = hashOf(ctx, addressOf(input.address).address)
  const freeAt = new Date(ctx.clock.now().getTime() + LIMITS.addressQuarantineDays * DAY_MS)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    if (!(await releaseSecondary(tx, { tenantId, accountId, addressHash, kind: 'masked', freeAt })))
      throw new Fault('NOT_FOUND', 'You have no such masked address.')
    const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
    await recordAct(tx, { actor, action: 'masked.remove', concerned })
    await directoryChanged(tx, tenantId)
  })
}
