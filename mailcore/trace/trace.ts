import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Databases } from '#db/client'
import { findLogKey } from '#db/control/queries/lookup'
import { insertTrace, type TraceKeyRow, type TraceRow } from '#db/mail/queries/trace'
import { type Clock, DAY_MS, SECOND_MS } from '#lib/clock'
import { newKey, seal } from '#lib/crypto/aead'
import { agreeWith, wrapKey } from '#lib/crypto/box'
import { codeOf } from '#lib/errors'
import { type Branded, newId, type RegionId, type TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import type { Trace, TraceStep } from '#mailcore/ports'
import { DAY_VERSION, keyContext, lineContext, packDetail } from './sealing'

/** Days since 1970-01-01, UTC. */
export const dayOf = (at: Date): number => Math.floor(at.getTime() / DAY_MS)

const WRITE_MS = SECOND_MS
/** Lines of one statement. */
const BATCH = 2_000
/** Keys a process remembers: one a tenant and day. */
const KEYS_MOST = 10_000

interface ProcessKey {
  row: TraceKeyRow
  key: KeyObject
  stored: boolean
}

/**
 * The record of each message's way. Each process makes a key of its own for a tenant and UTC day and wraps it to the day's public log key, so no door can
 * read what it wrote; when the day's private key is destroyed, nobody can (promise P14).
 */
export function createTrace(parts: { db: Databases; clock: Clock; log: Log }): Trace {
  const waiting = new Map<RegionId, TraceStep[]>()
  const keys = createKeys(parts.db)
  let held = 0
  let dropped = 0
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const later = () => {
    if (timer || stopped) return
    timer = setTimeout(() => {
      timer = undefined
      void flush()
    }, WRITE_MS)
    timer.unref()
  }
  const drop = () => {
    for (const steps of waiting.values()) {
      if (held <= LIMITS.traceLinesHeld) return
      const gone = steps.splice(0, held - LIMITS.traceLinesHeld).length
      held -= gone
      dropped += gone
    }
  }
  const writeAll = async () => {
    for (const region of waiting.keys()) {
      const steps = waiting.get(region)?.splice(0) ?? []
      held -= steps.length
      try {
        await write(parts.db, keys, region, steps)
      } catch (error) {
        // Tried again with what comes next; the ceiling bounds what an outage gathers.
        waiting.get(region)?.unshift(...steps)
        held += steps.length
        parts.log.warn('trace.write', { region, lines: steps.length, code: codeOf(error) })
        later()
      }
    }
    drop()
    if (dropped > 0) parts.log.warn('trace.dropped', { lines: dropped })
    dropped = 0
  }
  const flush = () => (writing = writing.then(writeAll))
  return {
    note(step) {
      const steps = waiting.get(step.region)
      if (steps) steps.push(step)
      else waiting.set(step.region, [step])
      held++
      if (held > LIMITS.traceLinesHeld + BATCH) drop()
      later()
    },
    flush,
    stop: async () => {
      clearTimeout(timer)
      await flush()
      stopped = true
      clearTimeout(timer)
    },
  }
}

interface Keys {
  /** The key for a tenant's lines of a day. Throws while the day has no log key. */
  get(tenantId: TenantId, day: number): Promise<ProcessKey>
}

function createKeys(db: Databases): Keys {
  const made = new Map<string, ProcessKey>()
  const days = new Map<number, Buffer>()
  return {
    async get(tenantId, day) {
      const name = `${tenantId} ${day}`
      const known = made.get(name)
      if (known) return known
      const publicKey = days.get(day) ?? (await findLogKey(db.control.lookup, day))
      if (!publicKey) throw new Error('the day has no log key yet')
      if (days.size > 3) days.clear()
      days.set(day, publicKey)
      const id = newId<Branded<'TraceLine'>>()
      const key = newKey()
      const wrapped = wrapKey(agreeWith(publicKey, DAY_VERSION), key, keyContext(tenantId, id, day))
      const one: ProcessKey = { row: { tenantId, id, day, wrapped }, key: createSecretKey(key), stored: false }
      key.fill(0)
      if (made.size >= KEYS_MOST) made.clear()
      made.set(name, one)
      return one
    },
  }
}

async function write(db: Databases, keys: Keys, region: RegionId, steps: TraceStep[]): Promise<void> {
  while (steps.length > 0) {
    const batch = steps.slice(0, BATCH)
    const used = new Map<string, ProcessKey>()
    const lines: TraceRow[] = []
    for (const step of batch) {
      const key = await keys.get(step.tenantId, dayOf(step.at))
      used.set(key.row.id, key)
      lines.push(lineOf(step, key))
    }
    const fresh = [...used.values()].filter(({ stored }) => !stored)
    await db.mail(region).withDelivery((tx) => insertTrace(tx, { keys: fresh.map(({ row }) => row), lines }))
    for (const key of fresh) key.stored = true
    steps.splice(0, batch.length)
  }
}

function lineOf(step: TraceStep, { row, key }: ProcessKey): TraceRow {
  const { tenantId, traceId, accountId, direction, at } = step
  const id = newId<Branded<'TraceLine'>>(at.getTime())
  return {
    tenantId,
    id,
    keyId: row.id,
    traceId,
    accountId,
    day: row.day,
    direction,
    step: step.step,
    at,
    sealed: seal(key, packDetail(step.detail), lineContext(tenantId, row.id, id), DAY_VERSION),
  }
}
