import { type AccountRow, selectAllAccounts } from '#db/control/queries/account'
import { controlInvariants, findControlViolations } from '#db/control/queries/fsck'
import { selectUnfinished } from '#db/control/queries/intent'
import { selectTenantPlaces } from '#db/control/queries/tenant'
import { MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import { authoriseHouse } from '#server/access'
import { readProfile } from '#server/directory-cache'
import type { Actor, ServiceContext } from '#server/services'

export interface Problem {
  kind: string
  /** Of the row at fault */
  id: string
  detail?: string
}

export interface FsckReport {
  ok: boolean
  problems: Problem[]
  counted: {
    invariants: number
    tenants: number
    accounts: number
    closedAccounts: number
    folders: number
    messages: number
    bodies: number
  }
}

/** Recounts every invariant: the control database, the directory, the keys, and every mailbox, opening all that is sealed as it goes. */
export async function fsck(ctx: ServiceContext, actor: Actor): Promise<FsckReport> {
  authoriseHouse(actor, 'house.read')
  const { db, clock } = ctx
  const before = new Date(clock.now().getTime() - MINUTE_MS)
  const { findings, unfinished, tenants } = await db.control.withSystem('fsck', async (tx) => ({
    findings: await findControlViolations(tx),
    unfinished: await selectUnfinished(tx, before),
    tenants: await selectTenantPlaces(tx),
  }))
  const problems: Problem[] = [...findings]
  for (const intent of unfinished) {
    const detail = `${intent.action}, begun ${intent.createdAt.toISOString()}, ${intent.attempts} tries`
    problems.push({ kind: 'unfinished intent', id: intent.id, detail })
  }
  const counted = {
    invariants: controlInvariants(),
    tenants: tenants.length,
    accounts: 0,
    closedAccounts: 0,
    folders: 0,
    messages: 0,
    bodies: 0,
  }
  for (const { id } of tenants) await checkTenant(ctx, id, problems, counted)
  return { ok: problems.length === 0, problems, counted }
}

async function checkTenant(
  ctx: ServiceContext,
  tenantId: TenantId,
  problems: Problem[],
  counted: FsckReport['counted'],
): Promise<void> {
  const accounts = await ctx.db.control.withTenant(tenantId, (tx) => selectAllAccounts(tx, tenantId))
  const keys = await ctx.core.keys.profileKeys(tenantId).catch((error: unknown) => {
    problems.push({ kind: 'keys of the tenant do not open', id: tenantId, detail: codeOf(error) })
    return undefined
  })
  if (!keys) return
  for (const account of accounts) {
    const key = keys.get(account.id)
    switch (account.state) {
      case 'closed':
        counted.closedAccounts++
        if (key) problems.push({ kind: 'closed account has key rows', id: account.id })
        break
      case 'provisioning':
        break
      case 'active':
      case 'suspended':
      case 'closing':
        counted.accounts++
        await checkAccount(ctx, account, key, problems, counted)
        break
    }
  }
}

async function checkAccount(
  ctx: ServiceContext,
  account: AccountRow,
  key: Buffer | undefined,
  problems: Problem[],
  counted: FsckReport['counted'],
): Promise<void> {
  const { tenantId, id: accountId, region } = account
  try {
    if (!key || !account.profileSealed) throw new Error('profile')
    const { address } = readProfile(key, account.profileSealed, tenantId, accountId)
    const [resolved] = await ctx.core.directory.resolve([address])
    const found = resolved?.kind === 'mailbox' && resolved.mailbox.accountId === accountId
    if (!found && resolved?.kind !== 'suspended' && resolved?.kind !== 'full')
      problems.push({ kind: 'address does not lead to its account', id: accountId, detail: resolved?.kind ?? 'none' })
  } catch (error) {
    problems.push({ kind: 'profile does not open', id: accountId, detail: codeOf(error) })
  }
  try {
    const report = await ctx.core.check({ tenantId, accountId, region })
    problems.push(...report.problems)
    counted.folders += report.folders
    counted.messages += report.messages
    counted.bodies += report.bodies
  } catch (error) {
    problems.push({ kind: 'mailbox cannot be checked', id: accountId, detail: codeOf(error) })
  }
}
