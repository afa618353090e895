import { expect, it } from 'vitest'
import type { ServiceContext } from '#server/services'
import { createSendReports } from './send-reports'

it('gathers each day once, when it is over for an hour, and again after a failure', async () => {
  const asked: number[] = []
  let now = new Date('2026-11-24T00:59:00Z')
  let failing = false
  const core = {
    sendReports: async (_: unknown, servers: readonly string[], day: number) => {
      expect(servers).toEqual(['127.0.0.1:5353'])
      if (failing) throw new Error('away')
      asked.push(day)
      return 3
    },
  }
  const ctx = { core, clock: { now: () => now } } as unknown as ServiceContext
  const job = createSendReports(async function* () {}, ['127.0.0.1:5353'])
  const day = (text: string) => Date.parse(text) / 86_400_000

  expect(await job.run(ctx)).toBe(3)
  expect(await job.run(ctx)).toBe(0)
  failing = true
  now = new Date('2026-11-24T01:01:00Z')
  await expect(job.run(ctx)).rejects.toThrow('away')
  failing = false
  expect(await job.run(ctx)).toBe(3)
  expect(await job.run(ctx)).toBe(0)
  expect(asked).toEqual([day('2026-11-22'), day('2026-11-23')])
})
