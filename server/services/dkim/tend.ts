import type { ControlTx } from '#db/client'
import { insertDkimKey, lockDomain, selectDkimKeys, setDkimState } from '#db/control/queries/dkim-key'
import { type DkimKeyId, type DomainId, newId, type ResellerId, type TenantId } from '#lib/ids'
import { newSigningKey, type SigningAlgorithm } from '#mailcore/api'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { dueSteps } from '#server/services/dkim/steps'

export interface TendedDomain {
  tenantId: TenantId
  resellerId: ResellerId
  domainId: DomainId
}

/**
 * Does what is due for the keys of a verified domain, of others nothing; returns how many steps. May run many times and side by side: each step is
 * decided again under a lock on the domain. The caller has authorised it.
 */
export async function tendDkim(
  ctx: ServiceContext,
  actor: Actor,
  domain: TendedDomain,
  options: { rotate?: boolean } = {},
): Promise<number> {
  const rotate = options.rotate ?? false
  const now = ctx.clock.now()
  const { tenantId } = domain
  const due = dueSteps(await ctx.db.control.withTenant(tenantId, (tx) => selectDkimKeys(tx, domain)), now, rotate)
  let done = 0
  for (const step of due) if (step.kind === 'make') done += await makeKey(ctx, actor, { ...domain, ...step, rotate })
  const { steps, retired } = await ctx.db.control.withTenant(tenantId, (tx) => moveOn(tx, actor, domain, now))
  // After the commit: a process that dies here leaves private halves that nothing refers to, which sweepDkimKeys takes.
  for (const id of retired) await ctx.core.keys.destroyDkimKey(tenantId, id)
  return done + steps
}

/** The private half first, then the row: a row without a key would be signed with in vain. */
async function makeKey(
  ctx: ServiceContext,
  actor: Actor,
  what: TendedDomain & { algorithm: SigningAlgorithm; rotate: boolean },
): Promise<number> {
  const { tenantId, domainId, algorithm } = what
  const { privateKey, publicKey } = await newSigningKey(algorithm)
  const id = newId<DkimKeyId>()
  await ctx.core.keys.createDkimKey(tenantId, id, privateKey)
  const now = ctx.clock.now()
  const wanted = await ctx.db.control.withTenant(tenantId, async (tx) => {
    if (!(await lockDomain(tx, what))) return false
    const due = dueSteps(await selectDkimKeys(tx, what), now, what.rotate)
    if (!due.some((step) => step.kind === 'make' && step.algorithm === algorithm)) return false
    const selector = selectorOf(id, algorithm)
    await insertDkimKey(tx, { tenantId, id, domainId, selector, algorithm, publicKey, createdAt: now, stateAt: now })
    await record(tx, actor, what, 'domain.dkim-made', { selector })
    return true
  })
  if (!wanted) await ctx.core.keys.destroyDkimKey(tenantId, id)
  return wanted ? 1 : 0
}

/** Tells nothing but the algorithm, and is never used twice: its end is random. */
const selectorOf = (id: DkimKeyId, algorithm: SigningAlgorithm): string =>
  `mt${algorithm === 'rsa-sha256' ? 'r' : 'e'}${id.slice(-8)}`

async function moveOn(
  tx: ControlTx,
  actor: Actor,
  domain: TendedDomain,
  at: Date,
): Promise<{ steps: number; retired: DkimKeyId[] }> {
  const retired: DkimKeyId[] = []
  if (!(await lockDomain(tx, domain))) return { steps: 0, retired }
  const { tenantId } = domain
  const steps = dueSteps(await selectDkimKeys(tx, domain), at).filter((step) => step.kind !== 'make')
  for (const step of steps) {
    switch (step.kind) {
      case 'activate':
        await setDkimState(tx, { tenantId, id: step.key.id, state: 'active', at })
        for (const { id } of step.replaces) await setDkimState(tx, { tenantId, id, state: 'retiring', at })
        await record(tx, actor, domain, 'domain.dkim-active', { selector: step.key.selector })
        break
      case 'retire':
        await setDkimState(tx, { tenantId, id: step.key.id, state: 'retired', at })
        retired.push(step.key.id)
        await record(tx, actor, domain, 'domain.dkim-retired', { selector: step.key.selector })
        break
    }
  }
  return { steps: steps.length, retired }
}

const record = (
  tx: ControlTx,
  actor: Actor,
  { tenantId, resellerId, domainId }: TendedDomain,
  action: `domain.dkim-${'made' | 'active' | 'retired'}`,
  facts: { selector: string },
): Promise<void> =>
  recordAct(tx, { actor, action, concerned: { resellerId, tenantId }, facts: { domain: domainId, ...facts } })
