import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '#db/client'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#lib/clock'
import { newAccessToken } from '#lib/crypto/access-token'
import { type CredentialId, newId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Protocol } from '#mailcore/ports'
import { runJobsOnce } from '#server/jobs/run'
import { changePassword } from '#server/services/account/change-password'
import { resetPassword } from '#server/services/account/reset-password'
import { resumeAccount } from '#server/services/account/resume'
import { suspendAccount } from '#server/services/account/suspend'
import { terminateAccount } from '#server/services/account/terminate'
import { listAccountAudit } from '#server/services/audit/list-for-account'
import { createAccessToken } from '#server/services/credential/create-access-token'
import { listAccessTokens } from '#server/services/credential/list-access-tokens'
import { revokeAccessToken } from '#server/services/credential/revoke-access-token'
import { suspendTenant } from '#server/services/tenant/suspend'
import { createWorld, faultOf, PASSWORD, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let house: Awaited<ReturnType<World['makeHouse']>>
let admin: TestAccount
beforeAll(async () => {
  world = await createWorld()
  house = await world.makeHouse()
  admin = await world.makeAccount(house.tenant, { address: `admin@${house.domain}`, role: 'admin', name: 'Ada Min' })
})
afterAll(() => world.close())

let made = 0
let owner: TestAccount
let target: Pick<TestAccount, 'tenantId' | 'accountId'>
beforeEach(async () => {
  owner = await world.makeAccount(house.tenant, { address: `owner${++made}@${house.domain}` })
  target = { tenantId: owner.tenantId, accountId: owner.accountId }
})

const make = (options: Partial<Parameters<typeof createAccessToken>[2]> = {}) =>
  createAccessToken(world.ctx, owner.actor, { ...target, label: 'script', hours: 24, ...options })
const show = (token: string, username = '', protocol: Protocol = 'imap', peer = '192.0.2.1') =>
  world.core.directory.signInByToken({ username, token, protocol, peer })
const WRONG = { ok: false, reason: 'credentials' }

describe('an access token', () => {
  it('signs its owner in, by name or without, at the doors it was made for, and is listed without itself', async () => {
    const { id, token, expiresAt } = await make({ protocols: ['submission', 'imap'], hours: 48 })
    const expected = {
      ok: true,
      account: { ...target, address: owner.address, credentialId: id, epoch: 1, maySend: true },
    }
    expect(await show(token)).toMatchObject(expected)
    expect(await show(token, ` ${owner.address.toUpperCase()} `, 'submission')).toMatchObject(expected)
    expect(await show(token, owner.address, 'pop3')).toEqual(WRONG)
    expect(await show(token, owner.address, 'web')).toEqual(WRONG)
    const list = await listAccessTokens(world.ctx, owner.actor, target)
    expect(list).toMatchObject([{ id, label: 'script', protocols: ['imap', 'submission'], expiresAt }])
    expect(list[0]?.lastUsedAt).toBeInstanceOf(Date)
    expect(expiresAt.getTime() - (list[0]?.createdAt.getTime() ?? 0)).toBe(48 * HOUR_MS)
    expect(JSON.stringify(list)).not.toContain(token)
    const { items } = await listAccountAudit(world.ctx, owner.actor, target)
    expect(items[0]).toMatchObject({ action: 'access-token.create', names: ['script'] })
    expect(JSON.stringify(items)).not.toContain(token)
  })

  it('is no password, and no password is a token', async () => {
    const { token } = await make()
    const login = { username: owner.address, protocol: 'imap' as const, peer: '192.0.2.1' }
    expect(await world.core.directory.signIn({ ...login, password: token })).toEqual(WRONG)
    expect(await show(PASSWORD, owner.address)).toEqual(WRONG)
  })

  it('opens no account but its own, whatever name comes with it', async () => {
    const other = await world.makeHouse()
    const stranger = await world.makeAccount(other.tenant, { address: `stranger@${other.domain}` })
    const { token } = await make()
    for (const name of [
      admin.address,
      stranger.address,
      `nobody@${house.domain}`,
      'no address',
      '@',
      'x'.repeat(2_000),
    ])
      expect(await show(token, name)).toEqual(WRONG)
  })

  it('stops working when taken back, and its mail sessions end', async () => {
    const ended: string[] = []
    const forget = world.core.directory.onSignOut((account) => ended.push(account))
    try {
      const { id, token } = await make()
      const { token: other } = await make({ label: 'another' })
      expect((await show(token)).ok).toBe(true)
      await revokeAccessToken(world.ctx, owner.actor, { ...target, tokenId: id })
      expect(await show(token)).toEqual(WRONG)
      expect((await show(other)).ok).toBe(true)
      expect(await faultOf(revokeAccessToken(world.ctx, owner.actor, { ...target, tokenId: id }))).toMatchObject({
        code: 'NOT_FOUND',
      })
      await expect.poll(() => ended).toContain(owner.accountId)
    } finally {
      forget()
    }
  })

  it('ends with its time, and the sweep removes it', async () => {
    const { token: lasting } = await make({ hours: 2 * 24 })
    world.clock.advance(-2 * HOUR_MS)
    const { token } = await make({ hours: 1 })
    world.clock.advance(2 * HOUR_MS)
    expect(await show(token)).toEqual(WRONG)
    expect(await listAccessTokens(world.ctx, owner.actor, target)).toHaveLength(1)
    expect(await rowsOf(owner)).toBe(2)
    await runJobsOnce(world.ctx)
    expect(await rowsOf(owner)).toBe(1)
    expect((await show(lasting)).ok).toBe(true)
  })

  it('lives from 1 hour to 90 days, for a use, under a name; and there are at most 50', async () => {
    for (const hours of [0, -1, 1.5, Number.NaN, 90 * 24 + 1])
      expect(await faultOf(make({ hours }))).toMatchObject({ code: 'BAD_REQUEST', field: 'hours' })
    expect((await make({ hours: 90 * 24 })).expiresAt.getTime()).toBeGreaterThan(Date.now() + 90 * DAY_MS - MINUTE_MS)
    expect((await faultOf(make({ protocols: [] }))).field).toBe('protocols')
    expect((await faultOf(make({ label: ' ' }))).field).toBe('label')
    for (let n = 1; n < LIMITS.accessTokensPerAccount - 1; n++) await make()
    const last = await Promise.allSettled([make(), make(), make()])
    expect(last.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(await rowsOf(owner)).toBe(LIMITS.accessTokensPerAccount)
  }, 30_000)
})

describe('who may', () => {
  it('only the owner: nobody above, beside or elsewhere makes, sees or removes one', async () => {
    const { id } = await make()
    const other = await world.makeHouse()
    const elsewhere = await world.makeAccount(other.tenant, { address: `x@${other.domain}`, role: 'admin' })
    const beside = await world.makeAccount(house.tenant, { address: `beside${made}@${house.domain}` })
    const operator = await world.makeOperator()
    const actors = [admin.actor, beside.actor, elsewhere.actor, house.reseller.actor, other.reseller.actor, operator]
    const codes: string[][] = []
    for (const actor of actors) {
      const acts = [
        createAccessToken(world.ctx, actor, { ...target, label: 'x', hours: 1 }),
        listAccessTokens(world.ctx, actor, target),
        revokeAccessToken(world.ctx, actor, { ...target, tokenId: id }),
      ]
      codes.push((await Promise.all(acts.map(faultOf))).map(({ code }) => code))
    }
    const all = (code: string) => [code, code, code]
    expect(codes).toEqual([
      all('FORBIDDEN'),
      all('NOT_FOUND'),
      all('NOT_FOUND'),
      all('FORBIDDEN'),
      all('NOT_FOUND'),
      all('FORBIDDEN'),
    ])
    expect(await listAccessTokens(world.ctx, owner.actor, target)).toHaveLength(1)
    // By another's own account, the id of a token of mine is the id of nothing.
    const own = { tenantId: beside.tenantId, accountId: beside.accountId }
    expect((await faultOf(revokeAccessToken(world.ctx, beside.actor, { ...own, tokenId: id }))).code).toBe('NOT_FOUND')
    const none = newId<CredentialId>()
    expect((await faultOf(revokeAccessToken(world.ctx, beside.actor, { ...own, tokenId: none }))).code).toBe(
      'NOT_FOUND',
    )
    expect(await rowsOf(owner)).toBe(1)
  })
})

describe('what becomes of tokens', () => {
  it('a suspended account or organisation answers so, and its tokens work again afterwards', async () => {
    const { token } = await make()
    await suspendAccount(world.ctx, admin.actor, { ...target, reason: 'a test' })
    expect(await show(token)).toEqual({ ok: false, reason: 'suspended' })
    expect(await show(newAccessToken(), owner.address)).toEqual(WRONG)
    await resumeAccount(world.ctx, admin.actor, { ...target, reason: 'over' })
    const back = await show(token)
    expect(back).toMatchObject({ ok: true })
    expect(back.ok && back.account.epoch).toBeGreaterThan(1)

    const other = await world.makeHouse()
    const one = await world.makeAccount(other.tenant, { address: `one@${other.domain}` })
    const theirs = await createAccessToken(world.ctx, one.actor, { ...one, label: 'x', hours: 1 })
    await suspendTenant(world.ctx, other.reseller.actor, { tenantId: other.tenant.id, reason: 'a test' })
    expect(await show(theirs.token)).toEqual({ ok: false, reason: 'suspended' })
  })

  it('stay through a change of password unless asked, and go with a reset', async () => {
    const { token } = await make()
    const next = 'amber-Compass-58'
    await changePassword(world.ctx, owner.actor, { ...target, current: PASSWORD, password: next })
    expect((await show(token)).ok).toBe(true)
    const revoke = { current: next, password: PASSWORD, revokeAppPasswords: true }
    await changePassword(world.ctx, owner.actor, { ...target, ...revoke })
    expect(await show(token)).toEqual(WRONG)
    const { token: second } = await make()
    await resetPassword(world.ctx, admin.actor, { ...target, password: next, reason: 'forgotten' })
    expect(await show(second)).toEqual(WRONG)
    expect(await rowsOf(owner)).toBe(0)
  })

  it('go with the account', async () => {
    const { token } = await make()
    await terminateAccount(world.ctx, admin.actor, { ...target, reason: 'left' })
    expect((await show(token)).ok).toBe(false)
    world.clock.advance((LIMITS.terminationGraceDays + 1) * DAY_MS)
    await runJobsOnce(world.ctx)
    world.clock.advance(-(LIMITS.terminationGraceDays + 1) * DAY_MS)
    expect(await rowsOf(owner)).toBe(0)
    expect(await show(token)).toEqual(WRONG)
  })
})

describe('counting failures', () => {
  it('counts wrong tokens like wrong passwords, and holds no right one out', async () => {
    const { token } = await make()
    const peer = '203.0.113.77'
    for (let n = 0; n < LIMITS.failedLoginsPerAccountFromNetwork; n++)
      expect(await show(n % 2 ? newAccessToken() : 'garbage', owner.address, 'imap', peer)).toEqual(WRONG)
    expect(await show(newAccessToken(), owner.address, 'imap', peer)).toMatchObject({ reason: 'slow-down' })
    const login = { username: owner.address, password: PASSWORD, protocol: 'imap' as const, peer }
    expect(await world.core.directory.signIn(login)).toMatchObject({ reason: 'slow-down' })
    expect((await show(token, owner.address, 'imap', peer)).ok).toBe(true)
    expect((await world.core.directory.signIn({ ...login, peer: '203.0.113.78' })).ok).toBe(true)
  })

  it('counts tokens without a name by their network alone', async () => {
    const peer = '203.0.113.80'
    const results = []
    for (let n = 0; n <= LIMITS.failedLoginsPerNetwork; n++)
      results.push(await show(newAccessToken(), '', 'imap', peer))
    expect(results.filter((one) => !one.ok && one.reason === 'credentials')).toHaveLength(LIMITS.failedLoginsPerNetwork)
    expect(results.at(-1)).toMatchObject({ reason: 'slow-down' })
    expect(await show(newAccessToken(), '', 'imap', '203.0.113.81')).toEqual(WRONG)
  })
})

it('keeps neither token nor label nor address in clear', async () => {
  const { token } = await make({ label: 'the canary label' })
  const sql = adminSql()
  try {
    const rows = await sql<{ text: string }[]>`
      select encode(convert_to(access_token::text, 'UTF8'), 'escape') || encode(label_sealed || address_sealed || hash, 'escape') "text" from access_token`
    for (const { text } of rows)
      for (const secret of [token, token.slice(4), 'the canary label', owner.address])
        expect(text).not.toContain(secret)
  } finally {
    await sql.end({ timeout: 1 })
  }
})

function adminSql() {
  const url = new URL(world.adminUrls.main)
  url.pathname = `/${world.prefix}_control`
  return connect(url.toString(), { max: 1, name: 'token test' })
}

async function rowsOf({ accountId }: TestAccount): Promise<number> {
  const sql = adminSql()
  try {
    const [row] = await sql<{ n: number }[]>`select count(*)::int n from access_token where account_id = ${accountId}`
    return row?.n ?? 0
  } finally {
    await sql.end({ timeout: 1 })
  }
}
