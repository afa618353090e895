import type { ControlTx } from '#db/client'
import { type AuditFacts, type AuditRow, insertAudit } from '#db/control/queries/audit'
import { insertIntent } from '#db/control/queries/intent'
import { MINUTE_MS } from '#lib/clock'
import { open, seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import { type AccountId, type AuditId, type IntentId, newId, type ResellerId, type TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { OPERATOR_SCOPE } from '#mailcore/api'
import type { Actor, ServiceContext } from '#server/services'

/** The parts of an audit row that tell of people. */
export interface Personal {
  reason?: string
  /** Name of whoever acted, where it is not the owner. */
  actor?: string
  /** Other names: the label of an app password, a new display name. */
  names?: string[]
}

/** Whom an act concerns; decides who reads the row, and under whose key its personal parts are sealed. */
export interface Concerned {
  resellerId: ResellerId | null
  tenantId?: TenantId | null
  accountId?: AccountId | null
}

interface Sealed {
  id: AuditId
  sealed: Buffer | null
  sealedFor: AuditRow['sealedFor']
}

export interface Act {
  actor: Actor
  action: string
  concerned: Concerned
  facts?: AuditFacts
  /** Made by `sealPersonal` before the transaction, because its key is in another database. */
  personal?: Sealed
}

const NOTHING = (): Sealed => ({ id: newId<AuditId>(), sealed: null, sealedFor: null })
const contextOf = (id: AuditId) => ['audit/v1', id] as const

/**
 * Seals the personal parts of a row under the profile key of the account concerned, else the tenant's key, else the reseller's (the operator's
 * own acts: the operator's key). Erasing the account then erases them, and the row stands.
 */
export async function sealPersonal(ctx: ServiceContext, concerned: Concerned, personal: Personal): Promise<Sealed> {
  const text = Buffer.from(JSON.stringify(personal))
  const id = newId<AuditId>()
  const { key, sealedFor } = await keyFor(ctx, concerned)
  return { id, sealed: seal(key, text, contextOf(id)), sealedFor }
}

async function keyFor(
  ctx: ServiceContext,
  { resellerId, tenantId, accountId }: Concerned,
): Promise<{ key: Buffer; sealedFor: NonNullable<AuditRow['sealedFor']> }> {
  const { keys } = ctx.core
  if (tenantId && accountId) return { key: await keys.profileKey(tenantId, accountId), sealedFor: 'account' }
  if (tenantId) return { key: await keys.tenantKey(tenantId), sealedFor: 'tenant' }
  if (resellerId && resellerId !== OPERATOR_SCOPE)
    return { key: await keys.resellerKey(resellerId), sealedFor: 'reseller' }
  return { key: await keys.operatorKey(), sealedFor: 'reseller' }
}

/** Opens the personal parts of a row; null when there are none or their key is destroyed. */
export async function openPersonal(ctx: ServiceContext, row: AuditRow): Promise<Personal | null> {
  if (!row.sealed) return null
  try {
    const concerned: Concerned = {
      resellerId: row.resellerId,
      tenantId: row.sealedFor === 'reseller' ? null : row.tenantId,
      accountId: row.sealedFor === 'account' ? row.accountId : null,
    }
    const { key } = await keyFor(ctx, concerned)
    return JSON.parse(open(key, row.sealed, contextOf(row.id)).toString()) as Personal
  } catch (error) {
    if (error instanceof Fault && error.code === 'NOT_FOUND') return null
    throw error
  }
}

/** Who acted, as the row keeps it: the command line and the worker are the operator's. */
function actorOf(actor: Actor): { actorKind: AuditRow['actorKind']; actorId: string | null } {
  switch (actor.kind) {
    case 'operator':
    case 'reseller':
      return { actorKind: actor.kind, actorId: actor.staffId }
    case 'domain-admin':
    case 'subscriber':
      return { actorKind: actor.kind, actorId: actor.accountId }
    case 'system':
      return { actorKind: 'operator', actorId: null }
  }
}

/** Writes an audit row in the transaction of the act itself: both commit, or neither. */
export async function recordAct(
  tx: ControlTx,
  act: Act,
  outcome: AuditRow['outcome'] = 'done',
  intentId: IntentId | null = null,
): Promise<void> {
  const { id, sealed, sealedFor } = act.personal ?? NOTHING()
  await insertAudit(tx, {
    id,
    resellerId: act.concerned.resellerId,
    tenantId: act.concerned.tenantId ?? null,
    accountId: act.concerned.accountId ?? null,
    ...actorOf(act.actor),
    action: act.action,
    outcome,
    intentId,
    facts: act.facts ?? {},
    sealed,
    sealedFor,
  })
}

/** How long whoever begins or takes up an intent has it alone. */
export const INTENT_LEASE_MS = MINUTE_MS

/**
 * Writes the intent of an act that reaches the keys or a mail database, with its audit row, in `tx`; run it with `runIntent` after commit.
 * The caller has it alone for a minute; then the worker takes it up.
 */
export async function beginIntent(
  tx: ControlTx,
  input: Act & { input: AuditFacts; now: Date; id?: IntentId },
): Promise<IntentId> {
  const id = input.id ?? newId<IntentId>()
  await insertIntent(tx, {
    id,
    resellerId: input.concerned.resellerId,
    tenantId: input.concerned.tenantId ?? null,
    accountId: input.concerned.accountId ?? null,
    action: input.action,
    // Who acted, so that a run resumed by the worker is put down to them.
    input: { ...input.input, ...prefixed(actorOf(input.actor)) },
    dueAt: new Date(input.now.getTime() + INTENT_LEASE_MS),
  })
  await recordAct(tx, input, 'intent', id)
  return id
}

const prefixed = ({ actorKind, actorId }: ReturnType<typeof actorOf>): AuditFacts => ({ actorKind, actorId })

/** The reason for an act on somebody else's account: asked for, bounded, and read by its owner. */
export function reasonOf(text: string | undefined): string {
  const reason = (text ?? '').trim().replace(/\s+/g, ' ')
  if (reason === '')
    throw new Fault('BAD_REQUEST', 'Say why: the owner of the account will read it.', { field: 'reason' })
  if (Buffer.byteLength(reason) > LIMITS.reasonBytes)
    throw new Fault('BAD_REQUEST', `The reason is too long: at most ${LIMITS.reasonBytes} bytes.`, { field: 'reason' })
  return reason
}
