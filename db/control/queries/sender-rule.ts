import { and, desc, eq, sql as fragment, isNull } from 'drizzle-orm'
import type { ControlTx, Sql } from '#db/client'
import { senderRule } from '#db/control/schema/index'
import type { AccountId, ResellerId, RuleId, TenantId } from '#lib/ids'

export type SenderRuleRow = typeof senderRule.$inferSelect

/** Whose rules: exactly one level. All null: the operator's. */
export type RuleScope =
  | { level: 'operator' }
  | { level: 'reseller'; resellerId: ResellerId }
  | { level: 'tenant'; tenantId: TenantId }
  | { level: 'account'; tenantId: TenantId; accountId: AccountId }

/** The scope as the columns of a row. */
export function scopeColumns(scope: RuleScope): Pick<SenderRuleRow, 'resellerId' | 'tenantId' | 'accountId'> {
  switch (scope.level) {
    case 'operator':
      return { resellerId: null, tenantId: null, accountId: null }
    case 'reseller':
      return { resellerId: scope.resellerId, tenantId: null, accountId: null }
    case 'tenant':
      return { resellerId: null, tenantId: scope.tenantId, accountId: null }
    case 'account':
      return { resellerId: null, tenantId: scope.tenantId, accountId: scope.accountId }
  }
}

function within(scope: RuleScope) {
  const { resellerId, tenantId, accountId } = scopeColumns(scope)
  return and(
    resellerId === null ? isNull(senderRule.resellerId) : eq(senderRule.resellerId, resellerId),
    tenantId === null ? isNull(senderRule.tenantId) : eq(senderRule.tenantId, tenantId),
    accountId === null ? isNull(senderRule.accountId) : eq(senderRule.accountId, accountId),
  )
}

/** The rules of one level, newest first. */
export async function selectSenderRules(tx: ControlTx, scope: RuleScope): Promise<SenderRuleRow[]> {
  return tx.select().from(senderRule).where(within(scope)).orderBy(desc(senderRule.createdAt), desc(senderRule.id))
}

export async function countSenderRules(tx: ControlTx, scope: RuleScope): Promise<number> {
  const rows = await tx.select({ n: fragment<number>`count(*)::int` }).from(senderRule).where(within(scope))
  return rows[0]?.n ?? 0
}

/** A pattern that is in a rule of this level already throws 23505. */
export async function insertSenderRule(tx: ControlTx, row: typeof senderRule.$inferInsert): Promise<void> {
  await tx.insert(senderRule).values(row)
}

/** Removes a rule of this level; false when there is none such. */
export async function deleteSenderRule(tx: ControlTx, scope: RuleScope, id: RuleId): Promise<boolean> {
  const rows = await tx
    .delete(senderRule)
    .where(and(within(scope), eq(senderRule.id, id)))
    .returning({ id: senderRule.id })
  return rows.length > 0
}

export interface MatchedRule {
  tenantId: TenantId
  accountId: AccountId | null
  level: 0 | 1 | 2 | 3
  action: 'allow' | 'block'
  patternHash: Buffer
}

/** Rules that concern mail to these tenants and accounts and have one of the hashes, for the look-up role. */
export async function findMatchingRules(
  sql: Sql,
  asked: { tenants: readonly TenantId[]; accounts: readonly AccountId[]; hashes: readonly Buffer[] },
): Promise<MatchedRule[]> {
  return sql<MatchedRule[]>`
    select tenant_id "tenantId", account_id "accountId", level, action, pattern_hash "patternHash"
    from unsafe.matching_rules(${[...asked.tenants] as string[]}::uuid[], ${[...asked.accounts] as string[]}::uuid[],
      ${sql.array(asked.hashes as Buffer[], 1001)})`
}
