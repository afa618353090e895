import type { AccountId, RegionId, TenantId } from '#lib/ids'
import type { MailPolicy } from '#lib/mail-policy'

/** Something about a message by which a rule may know its sender. */
export type SenderTrait = { kind: 'network'; address: string } | { kind: 'address'; address: string }

/** A rule that matched. `level`: 0 the account's own, 1 its tenant's, 2 its reseller's, 3 the operator's. `trait` is the index of what matched. */
export interface RuleHit {
  accountId: AccountId | null
  level: 0 | 1 | 2 | 3
  action: 'allow' | 'block'
  trait: number
}

/** What tenants have chosen about mail that comes in. Answers may be two seconds old. */
export interface SenderRules {
  policy(tenantId: TenantId): Promise<MailPolicy>
  /** Rules for these accounts of one tenant, and those above them, that match one of the traits. */
  matching(
    who: { tenantId: TenantId; accountIds: readonly AccountId[] },
    traits: readonly SenderTrait[],
  ): Promise<readonly RuleHit[]>
  /** Must this sender come again? Notes that it came. */
  greylisted(attempt: {
    tenantId: TenantId
    region: RegionId
    /** IP address of the peer */
    peer: string
    sender: string
    recipient: string
  }): Promise<boolean>
}
