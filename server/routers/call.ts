import type { z } from 'zod'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'

/** What every procedure is called with once its ladder step and schema have passed: it unpacks this, calls one service, returns. */
export interface Call<Schema extends z.ZodType = z.ZodType<undefined>, Who extends Actor = Actor> {
  ctx: { services: ServiceContext; actor: Who }
  input: z.output<Schema>
}

export type ResellerActor = Extract<Actor, { kind: 'reseller' }>
export type DomainAdminActor = Extract<Actor, { kind: 'domain-admin' }>
export type OwnerActor = Extract<Actor, { kind: 'subscriber' | 'domain-admin' }>

/** Calls a minute: for what creates or changes lasting things, and for what hashes passwords or reads out whole mailboxes. */
export const PER_MINUTE = { often: 600, change: 120, sensitive: 20 } as const

/** The target that is the owner's own account. */
export const ownOf = ({ tenantId, accountId }: OwnerActor): AccountTarget => ({ tenantId, accountId })
