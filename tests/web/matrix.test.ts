import { TRPCError } from '@trpc/server'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { z } from 'zod'
import { appRouter } from '#server/routers/index'
import { idKindOf } from '#server/routers/input'
import type { RequestContext } from '#server/trpc'
import { CLASSES, fill, idFor, mayReach, type ObjectClass } from '#tests/web/matrix/objects'
import { AUDIENCES, POLICY } from '#tests/web/matrix/policy'
import { actors, createMatrixWorld, digestOf, type MatrixWorld, type RoleName } from '#tests/web/matrix/world'

type Fields = Record<string, z.ZodType>
interface Procedure {
  _def: { type: 'query' | 'mutation' | 'subscription'; inputs: unknown[] }
}

const procedures = Object.entries(appRouter._def.procedures) as unknown as [string, Procedure][]
const ROLES = AUDIENCES.anyone
/** What the state of the world answers to a call that was let through: a wrong present password, a message that is not there, a domain in use. */
const SETTLED: Readonly<Record<string, string>> = {
  'account.changePassword': 'BAD_REQUEST',
  'staff.changePassword': 'BAD_REQUEST',
  'mail.read': 'NOT_FOUND',
  'domains.remove': 'CONFLICT',
  'outgoing.unsuppress': 'NOT_FOUND',
  'outgoing.lift': 'NOT_FOUND',
  'addresses.removeMasked': 'NOT_FOUND',
  'addresses.removeAlias': 'NOT_FOUND',
  'forward.set': 'BAD_REQUEST',
  'addresses.removeMember': 'NOT_FOUND',
  'sending.lift': 'NOT_FOUND',
}

let w: MatrixWorld
beforeAll(async () => {
  w = await createMatrixWorld(inject('adminUrls'))
}, 120_000)
afterAll(() => w.close())

const shapeOf = (procedure: Procedure): Fields => {
  const schema = procedure._def.inputs[0] as { shape?: Fields } | undefined
  return schema?.shape ?? {}
}
const isId = (name: string, schema: z.ZodType) => idKindOf(schema) !== undefined || name === 'sessionId'
const idFields = (procedure: Procedure): string[] =>
  Object.entries(shapeOf(procedure))
    .filter(([name, schema]) => isId(name, schema))
    .map(([name]) => name)

/** A whole input in which one id field holds an object of a class, and every other its own. Null when there is no such object. */
function inputFor(role: RoleName, path: string, procedure: Procedure, put?: { field: string; kind: ObjectClass }) {
  const input: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(shapeOf(procedure))) {
    if (isId(name, schema)) {
      const id = idFor(w, role, name, put?.field === name ? put.kind : 'own')
      if (id === null) return null
      input[name] = id
    } else if (!schema.safeParse(undefined).success) {
      input[name] = fill(w, role, name, path)
    }
  }
  return Object.keys(shapeOf(procedure)).length === 0 ? undefined : input
}

/** Calls a procedure as a role: `ok`, or tRPC's code for the refusal. */
async function call(role: RoleName, path: string, input: unknown): Promise<string> {
  const actor = actors(w)[role]
  const session = actor && { actor, sessionId: '0'.repeat(64), expiresAt: new Date(Date.now() + 60_000) }
  const context: RequestContext = { services: w.ctx, session, source: 'server' }
  let target: unknown = appRouter.createCaller(context)
  for (const part of path.split('.')) target = (target as Record<string, unknown>)[part]
  try {
    await (target as (input: unknown) => Promise<unknown>)(input)
    return 'ok'
  } catch (error) {
    return error instanceof TRPCError ? error.code : `threw ${String(error)}`
  }
}

const admits = (path: string, role: RoleName): boolean => {
  const audience = POLICY[path]
  return audience !== undefined && AUDIENCES[audience].includes(role)
}

describe('tenant isolation (W-01)', () => {
  it('has a rule for every procedure, and a procedure for every rule', () => {
    expect(procedures.map(([path]) => path).sort()).toEqual(Object.keys(POLICY).sort())
  })

  it('takes objects only, without unknown fields (W-03)', async () => {
    const before = await digestOf(w.sql)
    const passed: string[] = []
    const extras = ['role', 'tenantId', 'resellerId', 'isAdmin', 'id', 'quota', 'createdAt', 'constructor', '__proto__']
    for (const [path, procedure] of procedures) {
      const role = ROLES.findLast((one) => admits(path, one))
      if (!role) continue
      const shape = shapeOf(procedure)
      const input = inputFor(role, path, procedure)
      if (input === null) continue
      for (const extra of extras.filter((name) => !Object.hasOwn(shape, name))) {
        const given: unknown = { ...input }
        // Defined, not assigned: what JSON.parse makes of a `__proto__` that was sent.
        Object.defineProperty(given, extra, { value: 'admin', enumerable: true, configurable: true, writable: true })
        const code = await call(role, path, given)
        if (code !== 'BAD_REQUEST') passed.push(`${path} +${extra}: ${code}`)
      }
    }
    expect(passed).toEqual([])
    expect(await digestOf(w.sql)).toBe(before)
  }, 120_000)

  it('refuses every role that a procedure is not for, and changes nothing', async () => {
    const before = await digestOf(w.sql)
    const wrong: string[] = []
    for (const [path, procedure] of procedures) {
      for (const role of ROLES.filter((one) => !admits(path, one))) {
        const expected = actors(w)[role] === null ? 'UNAUTHORIZED' : 'FORBIDDEN'
        // Also with nothing at all for input: who may not call learns nothing of the schema.
        for (const input of [inputFor('operator', path, procedure), undefined]) {
          const code = await call(role, path, input)
          if (code !== expected) wrong.push(`${role} ${path}: ${code}, not ${expected}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(await digestOf(w.sql)).toBe(before)
  }, 120_000)

  it("refuses every other's object, one that exists elsewhere like one that does not, and changes nothing", async () => {
    const wrong: string[] = []
    let cells = 0
    for (const [path, procedure] of procedures) {
      const fields = idFields(procedure)
      const before = await digestOf(w.sql)
      for (const role of ROLES.filter((one) => admits(path, one))) {
        for (const field of fields) {
          for (const kind of CLASSES.filter((one) => !mayReach(role, field, one, fields.length === 1))) {
            const input = inputFor(role, path, procedure, { field, kind })
            if (input === null) continue
            cells += 1
            const code = await call(role, path, input)
            const expected = kind === 'malformed' ? 'BAD_REQUEST' : refusalFor(field)
            if (code !== expected) wrong.push(`${role} ${path} ${field}=${kind}: ${code}`)
          }
        }
      }
      if (fields.length > 0 && (await digestOf(w.sql)) !== before) wrong.push(`${path}: something changed`)
    }
    expect(wrong).toEqual([])
    expect(cells).toBeGreaterThan(200)
  }, 240_000)

  it('lets through what the table allows', async () => {
    const wrong: string[] = []
    const order = [...procedures].sort(([a, x], [b, y]) => weight(a, x) - weight(b, y))
    for (const [path, procedure] of order) {
      for (const role of ROLES.filter((one) => admits(path, one))) {
        const own = idFields(procedure).includes('accountId') ? 'same tenant' : 'own'
        const input = inputFor(role, path, procedure, { field: 'accountId', kind: own })
        if (input === null) continue
        const code = await call(role, path, input)
        if (code !== 'ok' && code !== SETTLED[path.split('.').slice(1).join('.')])
          wrong.push(`${role} ${path}: ${code}`)
      }
    }
    expect(wrong).toEqual([])
  }, 240_000)
})

/** Ending a session that is not one's own ends nothing and says so alike for all; everything else is not there. */
const refusalFor = (field: string): string => (field === 'sessionId' ? 'ok' : 'NOT_FOUND')

/** Reads first, then changes, then what takes something away: nothing is refused only because it is gone. */
function weight(path: string, procedure: Procedure): number {
  if (procedure._def.type === 'query') return 0
  if (/\.(?:remove|removeGroup|terminate|cancelTermination)$/.test(path)) return 3
  return /\.(?:suspend|resume)$/.test(path) ? 2 : 1
}
