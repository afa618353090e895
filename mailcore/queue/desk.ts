import type { Databases } from '#db/client'
import {
  cancelWaiting,
  countByTenant,
  expireWaiting,
  holdWaiting,
  retryWaiting,
  selectMessageKey,
  selectPositions,
  selectWaiting,
  setRoute,
  type WaitingRow,
  type Which,
} from '#db/mail/queries/queue-desk'
import { deleteSuppression, type SuppressionCause, selectSuppressions } from '#db/mail/queries/suppression'
import { codeOf } from '#lib/errors'
import type { AccountId, QueueId, RegionId, TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/keys/service'
import { keyContext, openRecipient, sealRoute } from '#mailcore/queue/content'
import { queueOpeners } from '#mailcore/queue/openers'
import { openAddress } from '#mailcore/queue/suppressed'

/** One recipient that waits. */
export interface WaitingMail {
  id: QueueId
  position: number
  tenantId: TenantId
  accountId: AccountId
  origin: 'account' | 'list' | 'automatic'
  /** null for who may not read it (the operator), and where its key is gone */
  recipient: string | null
  /** as sealed */
  bytes: number
  queuedAt: Date
  dueAt: Date
  attempts: number
  lastCode: number | null
  state: 'waiting' | 'held' | 'failed'
  rerouted: boolean
}

/** What an act is about: one recipient, a message, or (`all`) everything of the tenant that waits. */
export type Chosen = { all: true } | { id: QueueId; position?: number }

export interface Suppressed {
  /** Names it: the keyed hash, hex */
  id: string
  address: string | null
  cause: SuppressionCause
  since: Date
  expiresAt: Date
}

/** The queue as people see it: what waits, and what may be done about it. */
export interface OutboundDesk {
  /** `after`: the last of the page before. Of one tenant with addresses; of all (null) without. */
  waiting(
    of: { tenantId: TenantId | null; region: RegionId },
    page: { after: { id: QueueId; position: number } | null; limit: number },
  ): Promise<WaitingMail[]>
  /** How much waits, by tenant, in all regions. */
  totals(): Promise<{ tenantId: TenantId; region: RegionId; waiting: number; held: number; oldest: Date | null }[]>
  /** Each says how many recipients it has changed. */
  hold(of: Of, chosen: Chosen): Promise<number>
  retry(of: Of, chosen: Chosen): Promise<number>
  cancel(of: Of, chosen: Chosen): Promise<number>
  expire(of: Of, chosen: Chosen): Promise<number>
  /** Sends by another host from now on; null: by the DNS again. */
  reroute(of: Of, id: QueueId, to: { host: string; port: number } | null): Promise<number>
  suppressions(of: Of, page: { after: string | null; limit: number }): Promise<Suppressed[]>
  unsuppress(of: Of, id: string): Promise<boolean>
}

type Of = { tenantId: TenantId; region: RegionId }

export function createDesk({ db, keys, log }: { db: Databases; keys: KeyService; log: Log }): OutboundDesk {
  const openerOf = queueOpeners(keys)
  const queue = <R>(region: RegionId, work: Parameters<ReturnType<Databases['mail']>['withQueue']>[0]) =>
    db.mail(region).withQueue(work) as Promise<R>
  const addressOf = async (row: WaitingRow): Promise<string | null> => {
    try {
      const key = (await openerOf(row.tenantId)).unwrap(row.wrappedKey, keyContext(row))
      return openRecipient(key, row, row.position, row.recipientSealed)
    } catch (error) {
      log.warn('queue.desk.open', { id: row.id, code: codeOf(error) })
      return null
    }
  }
  const act =
    (work: (tx: Parameters<typeof holdWaiting>[0], which: Which) => Promise<number>): OutboundDesk['hold'] =>
    (of, chosen) =>
      queue<number>(of.region, (tx) => work(tx, whichOf(of, chosen)))
  return {
    waiting: async ({ tenantId, region }, page) => {
      const rows = await queue<WaitingRow[]>(region, (tx) => selectWaiting(tx, { tenantId, ...page }))
      const found: WaitingMail[] = []
      for (const row of rows) found.push({ ...viewOf(row), recipient: tenantId === null ? null : await addressOf(row) })
      return found
    },
    totals: async () => {
      const found: Awaited<ReturnType<OutboundDesk['totals']>> = []
      for (const region of db.regions) {
        const rows = await db.mail(region).withQueue((tx) => countByTenant(tx))
        found.push(...rows.map((row) => ({ ...row, region })))
      }
      return found
    },
    hold: act(holdWaiting),
    retry: act(retryWaiting),
    cancel: act(cancelWaiting),
    expire: act(expireWaiting),
    reroute: (of, id, to) =>
      queue<number>(of.region, async (tx) => {
        const wrapped = await selectMessageKey(tx, { tenantId: of.tenantId, id })
        if (!wrapped) return 0
        const ref = { tenantId: of.tenantId, id }
        const key = to && (await openerOf(of.tenantId)).unwrap(wrapped, keyContext(ref))
        const positions = await selectPositions(tx, { ...ref, position: null })
        for (const position of positions) {
          const sealed = to && key ? sealRoute(key, ref, position, [{ ...to, priority: 0 }]) : null
          await setRoute(tx, { ...ref, position }, sealed)
        }
        await retryWaiting(tx, { ...ref, position: null })
        return positions.length
      }),
    suppressions: async ({ tenantId, region }, { after, limit }) => {
      const page = { tenantId, after: after === null ? null : Buffer.from(after, 'hex'), limit }
      const rows = await db.mail(region).withTenant(tenantId, (tx) => selectSuppressions(tx, page))
      const opener = rows.length > 0 ? await openerOf(tenantId) : null
      return rows.map(({ addressHash: hash, sealed, cause, since, expiresAt }) => ({
        id: hash.toString('hex'),
        address: opener ? openOrNull(() => openAddress(opener, { tenantId, hash }, sealed)) : null,
        cause,
        since,
        expiresAt,
      }))
    },
    unsuppress: ({ tenantId, region }, id) =>
      db
        .mail(region)
        .withTenant(tenantId, (tx) => deleteSuppression(tx, { tenantId, addressHash: Buffer.from(id, 'hex') })),
  }
}

const whichOf = ({ tenantId }: Of, chosen: Chosen): Which =>
  'all' in chosen
    ? { tenantId, id: null, position: null }
    : { tenantId, id: chosen.id, position: chosen.position ?? null }

const viewOf = (row: WaitingRow): Omit<WaitingMail, 'recipient'> => {
  const { id, position, tenantId, accountId, origin, bytes, queuedAt, dueAt, attempts, lastCode, rerouted } = row
  const state = row.failed ? 'failed' : row.state
  return { id, position, tenantId, accountId, origin, bytes, queuedAt, dueAt, attempts, lastCode, state, rerouted }
}

function openOrNull(open: () => string): string | null {
  try {
    return open()
  } catch {
    return null
  }
}
