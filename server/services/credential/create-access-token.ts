import { countAccessTokens, insertAccessToken } from '#db/control/queries/access-token'
import { lockAccount } from '#db/control/queries/account'
import { HOUR_MS } from '#lib/clock'
import { accessTokenKey, hashAccessToken, newAccessToken } from '#lib/crypto/access-token'
import { seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import { type CredentialId, newId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { recordAct, sealPersonal } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'
import { getAccount } from '#server/services/account/get'
import { tokenLabelContext } from '#server/services/credential/list-access-tokens'
import { type AppProtocol, protocolsOf } from '#server/services/credential/protocols'
import { nameOf } from '#server/services/input/text'

const { least, most } = LIMITS.accessTokenHours

/** Makes an access token good for `hours`. It is in the answer and nowhere else: only its hash is kept. Throws LIMIT. */
export async function createAccessToken(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { label: string; protocols?: readonly AppProtocol[]; hours: number },
): Promise<{ id: CredentialId; token: string; expiresAt: Date }> {
  const target = { tenantId: input.tenantId, accountId: input.accountId }
  const { concerned } = await beginActOn(ctx, actor, 'account.credentials', target)
  const label = nameOf(input.label, 'label')
  const protocols = protocolsOf(input.protocols)
  const { hours } = input
  if (!Number.isInteger(hours) || hours < least || hours > most)
    throw new Fault('BAD_REQUEST', `A token lives from 1 hour to ${most / 24} days.`, { field: 'hours' })
  const { address } = await getAccount(ctx, actor, target)
  const key = await ctx.core.keys.profileKey(target.tenantId, target.accountId)
  const personal = await sealPersonal(ctx, concerned, { names: [label] })
  const id = newId<CredentialId>()
  const token = newAccessToken()
  const createdAt = ctx.clock.now()
  const expiresAt = new Date(createdAt.getTime() + hours * HOUR_MS)
  await ctx.db.control.withTenant(target.tenantId, async (tx) => {
    await lockAccount(tx, target)
    if ((await countAccessTokens(tx, target)) >= LIMITS.accessTokensPerAccount)
      throw new Fault('LIMIT', `There are ${LIMITS.accessTokensPerAccount} access tokens already. Remove one first.`)
    await insertAccessToken(tx, {
      ...target,
      id,
      hash: hashAccessToken(token),
      labelSealed: seal(key, Buffer.from(label), tokenLabelContext(id)),
      addressSealed: seal(accessTokenKey(token), Buffer.from(address), ['access-token-address/v1', id]),
      protocols,
      createdAt,
      expiresAt,
    })
    const facts = { credential: id, protocols: protocols.join(','), hours }
    await recordAct(tx, { actor, action: 'access-token.create', concerned, personal, facts })
  })
  return { id, token, expiresAt }
}
