import { afterAll, beforeAll, expect, it } from 'vitest'
import { selectTenantPlaces } from '#db/control/queries/tenant'
import { createWorld, type World } from '#tests/helpers/world'
import type { Job } from './job'
import { startJobs } from './run'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

it('runs more jobs than there are connections, each of which needs one more', async () => {
  const done = new Set<string>()
  let all: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    all = resolve
  })
  const jobs: Job[] = Array.from({ length: 40 }, (_, i) => ({
    name: `test-job-${i}`,
    everyMs: 3_600_000,
    run: async (ctx) => {
      await ctx.db.control.withSystem('tenant sweep', selectTenantPlaces)
      done.add(`test-job-${i}`)
      if (done.size === 40) all()
      return 0
    },
  }))
  const running = startJobs(world.ctx, jobs)
  await finished
  await running.stop()
  expect(done.size).toBe(40)
})
