import { eq } from 'drizzle-orm'
import type { ControlTx, Sql } from '#db/client'
import { mailPolicy } from '#db/control/schema/index'
import type { TenantId } from '#lib/ids'
import { INITIAL_MAIL_POLICY, type MailPolicy } from '#lib/mail-policy'

/** What a tenant has chosen, or what holds until it does. */
export async function selectMailPolicy(tx: ControlTx, tenantId: TenantId): Promise<MailPolicy> {
  const [row] = await tx.select().from(mailPolicy).where(eq(mailPolicy.tenantId, tenantId))
  if (!row) return INITIAL_MAIL_POLICY
  const { tenantId: _, ...policy } = row
  return policy
}

export async function upsertMailPolicy(tx: ControlTx, tenantId: TenantId, policy: MailPolicy): Promise<void> {
  await tx
    .insert(mailPolicy)
    .values({ tenantId, ...policy })
    .onConflictDoUpdate({ target: mailPolicy.tenantId, set: policy })
}

export interface PolicyFound {
  policy: MailPolicy
  /** May a sender rule concern mail to this tenant? */
  hasRules: boolean
}

type PolicyRow = { tenantId: TenantId; hasRules: boolean } & { [Key in keyof MailPolicy]: MailPolicy[Key] | null }

/** Policies of tenants, for the look-up role; tenants that do not exist are left out. */
export async function findPolicies(sql: Sql, tenants: readonly TenantId[]): Promise<Map<TenantId, PolicyFound>> {
  const rows = await sql<PolicyRow[]>`
    select tenant_id "tenantId", spam, junk_score_tenths "junkScoreTenths", reject_score_tenths "rejectScoreTenths", greylist, dmarc, has_rules "hasRules"
    from unsafe.mail_policies(${[...tenants] as string[]}::uuid[])`
  return new Map(rows.map(({ tenantId, hasRules, ...row }) => [tenantId, { hasRules, policy: orInitial(row) }]))
}

const orInitial = (row: { [Key in keyof MailPolicy]: MailPolicy[Key] | null }): MailPolicy => ({
  spam: row.spam ?? INITIAL_MAIL_POLICY.spam,
  junkScoreTenths: row.junkScoreTenths ?? INITIAL_MAIL_POLICY.junkScoreTenths,
  rejectScoreTenths: row.rejectScoreTenths ?? INITIAL_MAIL_POLICY.rejectScoreTenths,
  greylist: row.greylist ?? INITIAL_MAIL_POLICY.greylist,
  dmarc: row.dmarc ?? INITIAL_MAIL_POLICY.dmarc,
})
