import { lockAccount } from '#db/control/queries/account'
import { countAppPasswords, insertCredential } from '#db/control/queries/credential'
import { seal } from '#lib/crypto/aead'
import { hashAppPassword, newAppPassword } from '#lib/crypto/password'
import { Fault } from '#lib/errors'
import { type CredentialId, newId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { recordAct, sealPersonal } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'
import { labelContext } from '#server/services/credential/list'
import { type AppProtocol, protocolsOf } from '#server/services/credential/protocols'
import { nameOf } from '#server/services/input/text'

/** Makes an app password. It is in the answer and nowhere else: only its hash is kept. Throws LIMIT. */
export async function createAppPassword(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { label: string; protocols?: readonly AppProtocol[] },
): Promise<{ id: CredentialId; password: string }> {
  const { tenantId, accountId } = input
  const target = { tenantId, accountId }
  const { concerned } = await beginActOn(ctx, actor, 'account.credentials', target)
  const label = nameOf(input.label, 'label')
  const protocols = protocolsOf(input.protocols)
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  const personal = await sealPersonal(ctx, concerned, { names: [label] })
  const id = newId<CredentialId>()
  const password = newAppPassword()
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    await lockAccount(tx, target)
    if ((await countAppPasswords(tx, target)) >= LIMITS.appPasswordsPerAccount)
      throw new Fault('LIMIT', `There are ${LIMITS.appPasswordsPerAccount} app passwords already. Remove one first.`)
    await insertCredential(tx, {
      ...target,
      id,
      kind: 'app',
      hash: hashAppPassword(password),
      labelSealed: seal(key, Buffer.from(label), labelContext(id)),
      protocols,
      createdAt: ctx.clock.now(),
    })
    const facts = { credential: id, protocols: protocols.join(',') }
    await recordAct(tx, { actor, action: 'app-password.create', concerned, personal, facts })
  })
  return { id, password }
}
