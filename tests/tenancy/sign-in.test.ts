import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '#lib/limits'
import { changePassword } from '#server/services/account/change-password'
import { suspendAccount } from '#server/services/account/suspend'
import { createAppPassword } from '#server/services/credential/create-app-password'
import { signIn as webSignIn } from '#server/services/session/sign-in'
import { startSession } from '#server/services/session/start-session'
import { createWorld, faultOf, PASSWORD, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

const slow = vi.hoisted(() => ({ hashes: 0, gate: Promise.resolve() }))
vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof import('@node-rs/argon2')>()
  return {
    ...real,
    verify: async (...args: Parameters<typeof real.verify>) => {
      slow.hashes++
      await slow.gate
      return real.verify(...args)
    },
  }
})

let world: World
let tenant: TestTenant
let domain: string
beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  tenant = house.tenant
  domain = house.domain
})
afterAll(() => world.close())

let made = 0
let owner: TestAccount
beforeEach(async () => {
  owner = await world.makeAccount(tenant, { address: `owner${++made}@${domain}` })
})

const HOME = '198.51.100.7'
const door = (username: string, password: string, peer: string) =>
  world.core.directory.signIn({ username, password, peer, protocol: 'imap' })
const wrongFrom = async (peer: string, times: number) => {
  await Promise.all(Array.from({ length: times }, () => door(owner.address, 'not-the-password-1', peer)))
}

describe('what a sign-in costs', () => {
  it('is one slow hash for an unknown name, a wrong password, and a suspended account alike (W-09)', async () => {
    await door(`nobody@${domain}`, PASSWORD, '192.0.2.200') // makes the decoy, once a process
    const suspended = await world.makeAccount(tenant, { address: `suspended${made}@${domain}` })
    await suspendAccount(world.ctx, await admin(), {
      tenantId: tenant.id,
      accountId: suspended.accountId,
      reason: 'a test',
    })
    const costs: [string, number][] = []
    for (const [username, password] of [
      [`nobody@${domain}`, PASSWORD],
      ['somebody@elsewhere.example', PASSWORD],
      [owner.address, 'not-the-password-1'],
      [owner.address, PASSWORD],
      [suspended.address, 'not-the-password-1'],
      [suspended.address, PASSWORD],
    ] as const) {
      slow.hashes = 0
      const result = await door(username, password, '192.0.2.201')
      costs.push([result.ok ? 'ok' : result.reason, slow.hashes])
    }
    expect(costs).toEqual([
      ['credentials', 1],
      ['credentials', 1],
      ['credentials', 1],
      ['ok', 1],
      ['credentials', 1],
      ['suspended', 1],
    ])
  })
})

const admin = async () =>
  (await world.makeAccount(tenant, { address: `admin${++made}@${domain}`, role: 'admin' })).actor

describe('counting failures', () => {
  it('shuts out the network that guesses, without a hash, and not the owner elsewhere', async () => {
    await wrongFrom('203.0.113.1', LIMITS.failedLoginsPerAccountFromNetwork)
    slow.hashes = 0
    expect(await door(owner.address, PASSWORD, '203.0.113.1')).toMatchObject({ ok: false, reason: 'slow-down' })
    expect(slow.hashes).toBe(0)
    expect((await door(owner.address, PASSWORD, HOME)).ok).toBe(true)
    // Another account from the guessing network is not shut out yet.
    const neighbour = await world.makeAccount(tenant, { address: `neighbour${made}@${domain}` })
    expect((await door(neighbour.address, PASSWORD, '203.0.113.1')).ok).toBe(true)
  }, 30_000)

  it('lets no burst of guesses past the limit, all in flight before the first has failed', async () => {
    const peer = '203.0.113.3'
    slow.hashes = 0
    await wrongFrom(peer, 3 * LIMITS.failedLoginsPerAccountFromNetwork)
    expect(slow.hashes).toBe(LIMITS.failedLoginsPerAccountFromNetwork)
    expect(await door(owner.address, PASSWORD, peer)).toMatchObject({ reason: 'slow-down' })
  }, 30_000)

  it('lets in a program with the right password and more connections than failures are allowed', async () => {
    const many = 2 * LIMITS.failedLoginsPerAccountFromNetwork + 5
    const results = await Promise.all(Array.from({ length: many }, () => door(owner.address, PASSWORD, HOME)))
    expect(results.filter((one) => one.ok)).toHaveLength(many)
  }, 30_000)

  it('bounds the line of passwords to be checked, which an app password does not stand in', async () => {
    const { password: app } = await createAppPassword(world.ctx, owner.actor, { ...owner, label: 'phone' })
    await door(`nobody@${domain}`, PASSWORD, '192.0.2.200') // makes the decoy, once a process
    let open = () => {}
    slow.gate = new Promise((resolve) => {
      open = resolve
    })
    slow.hashes = 0
    const SURPLUS = 40
    const refused: unknown[] = []
    const login = async (n: number) => {
      const result = await door(`nobody${n}@${domain}`, 'not-the-password-1', `2001:db8:9:${n.toString(16)}::1`)
      if (!result.ok && result.reason === 'slow-down') refused.push(result)
    }
    const crowd = Array.from({ length: LIMITS.passwordsWaiting + 4 + SURPLUS }, (_, n) => login(n))
    try {
      await expect.poll(() => refused.length, { timeout: 80_000 }).toBeGreaterThan(SURPLUS / 2)
      expect((await door(owner.address, app, HOME)).ok).toBe(true)
      expect(await door(owner.address, PASSWORD, HOME)).toEqual({ ok: false, reason: 'slow-down', retryAfterS: 5 })
    } finally {
      open()
      await Promise.all(crowd)
    }
    for (const one of refused) expect(one).toEqual({ ok: false, reason: 'slow-down', retryAfterS: 5 })
    expect((await door(owner.address, PASSWORD, HOME)).ok).toBe(true)
  }, 120_000)

  it('takes a /64 of IPv6 for one network', async () => {
    for (let i = 0; i < LIMITS.failedLoginsPerAccountFromNetwork; i++)
      await door(owner.address, 'not-the-password-1', `2001:db8:7:7::${i + 1}`)
    expect(await door(owner.address, PASSWORD, '2001:db8:7:7:ffff::1')).toMatchObject({ reason: 'slow-down' })
    expect((await door(owner.address, PASSWORD, '2001:db8:7:8::1')).ok).toBe(true)
  }, 30_000)

  it('holds many networks together to a higher count, which an app password passes', async () => {
    const { password: app } = await createAppPassword(world.ctx, owner.actor, { ...owner, label: 'phone' })
    const networks = LIMITS.failedLoginsPerAccount / LIMITS.failedLoginsPerAccountFromNetwork
    for (let n = 0; n < networks; n++) await wrongFrom(`203.0.113.${n + 10}`, LIMITS.failedLoginsPerAccountFromNetwork)
    expect(await door(owner.address, PASSWORD, HOME)).toMatchObject({ ok: false, reason: 'slow-down' })
    expect((await door(owner.address, app, HOME)).ok).toBe(true)
  }, 60_000)
})

describe('a web session', () => {
  it('does not begin on a password that was changed since it was checked', async () => {
    const proof = await webSignIn(world.ctx, { username: owner.address, password: PASSWORD, peer: HOME })
    if (!proof.ok) throw new Error('not signed in')
    await changePassword(world.ctx, owner.actor, { ...owner, current: PASSWORD, password: 'amber-Compass-58' })
    expect(await faultOf(startSession(world.ctx, proof.proven, 'Firefox'))).toMatchObject({ code: 'UNAUTHENTICATED' })
    const again = await webSignIn(world.ctx, { username: owner.address, password: 'amber-Compass-58', peer: HOME })
    if (!again.ok) throw new Error('not signed in')
    expect((await startSession(world.ctx, again.proven, 'Firefox')).token).toBeTruthy()
  })
})
