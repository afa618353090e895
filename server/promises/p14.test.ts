import { afterAll, beforeAll, expect, it } from 'vitest'
import { deleteLogKeysBefore, insertLogKey } from '#db/control/queries/log-key'
import { insertTrace } from '#db/mail/queries/trace'
import { DAY_MS } from '#lib/clock'
import { newId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { keepLogKeys } from '#server/jobs/keep-log-keys'
import { createWorld, type World } from '#tests/helpers/world'
import { p14 } from './p14'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const check = () => p14.check({ services: world.ctx, settings: null })
const today = () => Math.floor(world.clock.now().getTime() / DAY_MS)

it('is kept while the job works, and each part of it that fails is seen', async () => {
  expect(await check()).toMatchObject({ state: 'failing', evidence: expect.stringContaining('today') })
  await keepLogKeys.run(world.ctx)
  expect(await check()).toMatchObject({ state: 'kept' })
  const { tenant } = await world.makeHouse()
  const old = today() - LIMITS.logDays

  // The private half of an old day is still there.
  await world.core.keys.createLogPair(old)
  expect(await check()).toMatchObject({ state: 'failing', evidence: expect.stringContaining('not destroyed') })
  await keepLogKeys.run(world.ctx)
  expect(await check()).toMatchObject({ state: 'kept' })

  // Lines of an old day are.
  const key = { tenantId: tenant.id, id: newId<never>(), day: old, wrapped: Buffer.from('x') }
  await world.db.mail(tenant.region).withDelivery((tx) => insertTrace(tx, { keys: [key], lines: [] }))
  expect(await check()).toMatchObject({ state: 'failing', evidence: expect.stringContaining('lie in region') })
  await keepLogKeys.run(world.ctx)
  expect(await check()).toMatchObject({ state: 'kept' })

  // Its public half is.
  const system = <R>(work: Parameters<typeof world.db.control.withSystem<R>>[1]) =>
    world.db.control.withSystem('fsck', work)
  await system((tx) => insertLogKey(tx, { day: old, publicKey: Buffer.alloc(32) }))
  expect(await check()).toMatchObject({ state: 'failing', evidence: expect.stringContaining('published') })
  await keepLogKeys.run(world.ctx)

  // Today's is gone.
  await system((tx) => deleteLogKeysBefore(tx, today() + 1))
  expect(await check()).toMatchObject({ state: 'failing', evidence: expect.stringContaining('today') })
})
