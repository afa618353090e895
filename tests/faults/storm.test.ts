import { describe, expect, it } from 'vitest'
import { fullStorm, report, type StormResult } from '#tests/helpers/storm/run'

/** Printed, so that a run can be had again: MAILTIGHT_TEST_SEED=<n>. */
const SEED = Number(process.env.MAILTIGHT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

const CLEAN = { lost: [], dup: [], ghost: [], corrupt: [], cross: [] }

const expectStood = (result: StormResult): void => {
  console.info(report(result))
  expect(result.imap).toMatchObject(CLEAN)
  expect(result.store).toMatchObject(CLEAN)
  expect(result.problems).toEqual([])
  // An outage is told as one: whoever was refused may come again.
  const codes = Object.keys(result.replies).map((name) => Number(name.split(' ')[1]))
  expect(codes.filter((code) => ![0, 250, 421, 450, 451, 452, 454].includes(code))).toEqual([])
  // Teeth: something was accepted, something was killed, and something felt it.
  expect(result.outcomes.acked).toBeGreaterThan(100)
  expect([...result.kills.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(5)
}

const WORLD = {
  tenants: 2,
  perTenant: 4,
  rate: 40,
  senders: { mx: 6, submission: 3, append: 2 },
  mostBytes: 500_000,
  killEveryMs: [500, 3_000],
  say: (text: string) => console.info(text),
} as const

describe('a storm at every door while everything is killed at random', () => {
  it('loses, doubles, invents, alters and misplaces nothing, each message sent once (R-02, R-06)', async () => {
    expectStood(await fullStorm({ ...WORLD, seed: SEED, mode: 'once', seconds: 30 }))
  }, 300_000)

  it('and doubles nothing where senders try again, as mail servers do (R-07, R-15)', async () => {
    const targets = [{ role: 'mx' }, { backend: 'mail' }, { backend: 'mail' }, { postgres: 'main' }] as const
    const senders = { mx: 8, submission: 0, append: 0 }
    expectStood(await fullStorm({ ...WORLD, senders, targets, seed: SEED + 1, mode: 'mta', seconds: 20 }))
  }, 300_000)
})
