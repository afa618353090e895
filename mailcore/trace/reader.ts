import type { Databases } from '#db/client'
import { selectTrace, selectTraced, selectTraceKeys, selectTraceOfDay, type TraceRow } from '#db/mail/queries/trace'
import { open } from '#lib/crypto/aead'
import { BoxOpener } from '#lib/crypto/box'
import { Fault } from '#lib/errors'
import type { AccountId, RegionId, TenantId, TraceId } from '#lib/ids'
import type { KeyService } from '#mailcore/keys/service'
import type { TraceDetail, TraceStep } from '#mailcore/ports'
import { keyContext, lineContext, unpackDetail } from './sealing'

export interface TracePlace {
  tenantId: TenantId
  region: RegionId
}

export interface TraceQuery {
  /** Only what is this account's */
  accountId?: AccountId
  traceId?: TraceId
  direction?: 'in' | 'out'
  from?: Date
  to?: Date
  /** Messages, at most 100 */
  limit: number
  /** `next` of the page before */
  cursor?: string
}

/** One line as its reader may see it. */
export type SeenStep = Pick<TraceStep, 'step' | 'at' | 'direction' | 'accountId' | 'detail'>

/** The way of one message, its steps in their order. */
export interface Way {
  traceId: TraceId
  steps: SeenStep[]
}

export interface TraceReader {
  /** Ways with the latest step first. Lines whose day's key is destroyed are left out. */
  find(place: TracePlace, query: TraceQuery): Promise<{ ways: Way[]; next: string | null }>
  /** Every line of a day (days since 1970-01-01), in pieces. */
  readDay(
    place: TracePlace,
    day: number,
  ): AsyncIterable<
    readonly { traceId: TraceId; direction: 'in' | 'out'; step: TraceStep['step']; detail: TraceDetail }[]
  >
}

const PAGE = 2_000

export function createTraceReader(parts: { db: Databases; keys: Pick<KeyService, 'logPair'> }): TraceReader {
  const opened = createOpener(parts)
  return {
    find: async ({ tenantId, region }, query) => {
      const limit = Math.min(Math.max(query.limit, 1), 100)
      const before = query.cursor === undefined ? undefined : readCursor(query.cursor)
      const { accountId, traceId, direction, from, to } = query
      const search = {
        tenantId,
        limit: limit + 1,
        ...(accountId ? { accountId } : {}),
        ...(traceId ? { traceId } : {}),
        ...(direction ? { direction } : {}),
        ...(from ? { from } : {}),
        ...(to ? { to } : {}),
        ...(before ? { before } : {}),
      }
      const { found, rows } = await parts.db.mail(region).withTenant(tenantId, async (tx) => {
        const some = await selectTraced(tx, search)
        const traceIds = some.slice(0, limit).map((one) => one.traceId)
        const of = { tenantId, traceIds, ...(accountId ? { accountId } : {}) }
        return { found: some, rows: traceIds.length === 0 ? [] : await selectTrace(tx, of) }
      })
      const ways = new Map<TraceId, Way>(found.slice(0, limit).map((one) => [one.traceId, { ...one, steps: [] }]))
      for (const { row, detail } of await opened({ tenantId, region }, rows)) {
        const { step, at, direction: way, accountId: whose } = row
        ways.get(row.traceId)?.steps.push({ step, at, direction: way, accountId: whose, detail })
      }
      const last = found.length > limit ? found[limit - 1] : undefined
      return {
        ways: [...ways.values()].filter(({ steps }) => steps.length > 0),
        next: last ? `${last.at.getTime()}.${last.traceId}` : null,
      }
    },
    async *readDay(place, day) {
      let after: string | null = null
      for (;;) {
        const rows: TraceRow[] = await parts.db
          .mail(place.region)
          .withTenant(place.tenantId, (tx) =>
            selectTraceOfDay(tx, { tenantId: place.tenantId, day, after, limit: PAGE }),
          )
        if (rows.length === 0) return
        yield (await opened(place, rows)).map(({ row: { traceId, direction, step }, detail }) => ({
          traceId,
          direction,
          step,
          detail,
        }))
        after = rows.at(-1)?.id ?? null
        if (rows.length < PAGE) return
      }
    },
  }
}

function readCursor(text: string): { at: Date; traceId: TraceId } {
  const [, ms, traceId] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text) ?? []
  if (ms === undefined || traceId === undefined)
    throw new Fault('BAD_REQUEST', 'This page of the list is not known. Please begin again.')
  return { at: new Date(Number(ms)), traceId: traceId as TraceId }
}

/** Opens lines; those that cannot be opened any more are left out. */
function createOpener({ db, keys }: { db: Databases; keys: Pick<KeyService, 'logPair'> }) {
  return async (
    { tenantId, region }: TracePlace,
    rows: readonly TraceRow[],
  ): Promise<{ row: TraceRow; detail: TraceDetail }[]> => {
    const ids = [...new Set(rows.map(({ keyId }) => keyId))]
    if (ids.length === 0) return []
    const wrapped = await db.mail(region).withTenant(tenantId, (tx) => selectTraceKeys(tx, { tenantId, ids }))
    const openers = new Map<number, BoxOpener | null>()
    const lineKeys = new Map<string, Buffer>()
    for (const { id, day, wrapped: box } of wrapped) {
      if (!openers.has(day)) openers.set(day, await openerOf(keys, day))
      const opener = openers.get(day)
      if (opener) lineKeys.set(id, opener.unwrap(box, keyContext(tenantId, id, day)))
    }
    return rows.flatMap((row) => {
      const key = lineKeys.get(row.keyId)
      if (!key) return []
      return [{ row, detail: unpackDetail(open(key, row.sealed, lineContext(tenantId, row.keyId, row.id))) }]
    })
  }
}

async function openerOf(keys: Pick<KeyService, 'logPair'>, day: number): Promise<BoxOpener | null> {
  try {
    return new BoxOpener(await keys.logPair(day))
  } catch (error) {
    if (error instanceof Fault && error.code === 'NOT_FOUND') return null
    throw error
  }
}
