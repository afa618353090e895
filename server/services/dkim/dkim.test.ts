import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selectDkimKeys } from '#db/control/queries/dkim-key'
import { DAY_MS } from '#lib/clock'
import { silentLog } from '#lib/log'
import { createSigner } from '#mailcore/signing/signer'
import { rotateDkim as rotateJob } from '#server/jobs/rotate-dkim'
import { SYSTEM } from '#server/services'
import { rotateDkim } from '#server/services/dkim/rotate'
import { tendDkim } from '#server/services/dkim/tend'
import { checkDns } from '#server/services/dns/check'
import { readDns } from '#server/services/dns/read'
import { addDomain } from '#server/services/domain/add'
import { removeDomain } from '#server/services/domain/remove'
import { verifyDomain } from '#server/services/domain/verify'
import { createWorld, faultOf, type TestTenant, type World } from '#tests/helpers/world'

let w: World
let tenant: TestTenant
beforeAll(async () => {
  w = await createWorld()
  tenant = (await w.makeHouse()).tenant
}, 60_000)
afterAll(() => w.close())

/** A domain with its pending keys. */
async function makeDomain(name: string) {
  const { id, proof } = await addDomain(w.ctx, SYSTEM, { tenantId: tenant.id, name })
  await verifyDomain(w.ctx, SYSTEM, { tenantId: tenant.id, domainId: id, txt: async () => [proof.text] })
  return { tenantId: tenant.id, domainId: id, resellerId: tenant.resellerId, name }
}
type Domain = Awaited<ReturnType<typeof makeDomain>>

const keysOf = (of: Domain) => w.db.control.withTenant(of.tenantId, (tx) => selectDkimKeys(tx, of))
const statesOf = async (of: Domain) => (await keysOf(of)).map(({ state }) => state)

/** Puts the records of all keys that wait or sign into the DNS, as the plan says them. */
async function publish(of: Domain) {
  const { records } = await readDns(w.ctx, SYSTEM, of)
  for (const record of records) if (record.id.startsWith('dkim:')) w.dns.set('txt', record.name, [record.expected])
}

const message = (domain: string) => Buffer.from(`From: a@${domain}\r\nSubject: x\r\n\r\nx\r\n`)
const signature = (of: Domain) =>
  createSigner({ db: w.db, keys: w.core.keys, hostname: 'mail.test' }).sign(of.name, message(of.name))

describe('the life of signing keys', () => {
  it('begins with verification, one of each algorithm, and nothing is signed before the record is seen', async () => {
    const d = await makeDomain('life.example')
    expect((await keysOf(d)).map(({ algorithm, state }) => [algorithm, state])).toEqual([
      ['rsa-sha256', 'pending'],
      ['ed25519-sha256', 'pending'],
    ])
    await checkDns(w.ctx, SYSTEM, d)
    expect(await statesOf(d)).toEqual(['pending', 'pending'])
    expect(await signature(d)).toBe('')
  })

  it('becomes active once the right record is there, each by itself, and not with a wrong one', async () => {
    const d = await makeDomain('seen.example')
    const [rsa, ed] = (await readDns(w.ctx, SYSTEM, d)).records.filter(({ id }) => id.startsWith('dkim:'))
    w.dns.set('txt', rsa?.name ?? '', [rsa?.expected ?? ''])
    w.dns.set('txt', ed?.name ?? '', [rsa?.expected ?? ''])
    await checkDns(w.ctx, SYSTEM, d)
    expect(await statesOf(d)).toEqual(['active', 'pending'])
    expect((await signature(d)).match(/a=rsa-sha256/g)).toHaveLength(1)
    await publish(d)
    await checkDns(w.ctx, SYSTEM, d)
    expect(await statesOf(d)).toEqual(['active', 'active'])
    expect((await signature(d)).match(/DKIM-Signature:/g)).toHaveLength(2)
  })

  it('turns after half a year: the old signs until the new is seen, then its private half is destroyed a week later', async () => {
    const d = await makeDomain('turn.example')
    await publish(d)
    await checkDns(w.ctx, SYSTEM, d)
    await rotateJob.run(w.ctx)
    expect(await statesOf(d)).toEqual(['active', 'active'])
    w.clock.advance(181 * DAY_MS)
    await rotateJob.run(w.ctx)
    expect(await statesOf(d)).toEqual(['active', 'active', 'pending', 'pending'])
    await rotateJob.run(w.ctx)
    expect(await statesOf(d)).toHaveLength(4)
    await publish(d)
    await checkDns(w.ctx, SYSTEM, d)
    expect(await statesOf(d)).toEqual(['retiring', 'retiring', 'active', 'active'])
    const [old, , fresh] = await keysOf(d)
    if (!old || !fresh) return expect.unreachable()
    expect((await w.core.keys.dkimKey(d.tenantId, old.id)).length).toBeGreaterThan(1_000)
    w.clock.advance(8 * DAY_MS)
    await rotateJob.run(w.ctx)
    expect(await statesOf(d)).toEqual(['retired', 'retired', 'active', 'active'])
    expect((await faultOf(w.core.keys.dkimKey(d.tenantId, old.id))).code).toBe('NOT_FOUND')
    expect(await signature(d)).toContain(`s=${fresh.selector}`)
  })

  it('turns on demand, once however often it is asked at the same time', async () => {
    const d = await makeDomain('demand.example')
    await publish(d)
    await checkDns(w.ctx, SYSTEM, d)
    await Promise.all([1, 2, 3].map(() => rotateDkim(w.ctx, SYSTEM, d)))
    expect((await statesOf(d)).toSorted()).toEqual(['active', 'active', 'pending', 'pending'])
    expect(await rotateDkim(w.ctx, SYSTEM, d)).toEqual({ made: 0 })
  })

  it('goes on where a killed process stopped, and sweeps what it left', async () => {
    const d = await makeDomain('killed.example')
    const orphan = (await keysOf(d))[0]
    if (!orphan) return expect.unreachable()
    // As if it had died between the private half and the row.
    await w.db.control.withTenant(d.tenantId, async (tx) => {
      const { dkimKey } = await import('#db/control/schema/index')
      const { eq } = await import('drizzle-orm')
      await tx.delete(dkimKey).where(eq(dkimKey.id, orphan.id))
    })
    expect(await tendDkim(w.ctx, SYSTEM, d)).toBe(1)
    expect(await statesOf(d)).toEqual(['pending', 'pending'])
    w.clock.advance(2 * DAY_MS)
    await rotateJob.run({ ...w.ctx, log: silentLog })
    expect((await faultOf(w.core.keys.dkimKey(d.tenantId, orphan.id))).code).toBe('NOT_FOUND')
    const [left] = await keysOf(d)
    expect(left && (await w.core.keys.dkimKey(d.tenantId, left.id)).length).toBeGreaterThan(40)
  })

  it('ends with the domain', async () => {
    const d = await makeDomain('gone.example')
    const keys = await keysOf(d)
    await removeDomain(w.ctx, SYSTEM, d)
    for (const { id } of keys) expect((await faultOf(w.core.keys.dkimKey(d.tenantId, id))).code).toBe('NOT_FOUND')
  })

  it('is nobody else’s: another tenant cannot turn or read them', async () => {
    const d = await makeDomain('mine.example')
    const other = await w.makeHouse()
    const theirs = await w.makeAccount(other.tenant, { address: `admin@${other.domain}`, role: 'admin' })
    expect((await faultOf(rotateDkim(w.ctx, theirs.actor, d))).code).toBe('NOT_FOUND')
    expect((await faultOf(readDns(w.ctx, theirs.actor, d))).code).toBe('NOT_FOUND')
    const crossed = { tenantId: other.tenant.id, domainId: d.domainId }
    expect((await faultOf(rotateDkim(w.ctx, theirs.actor, crossed))).code).toBe('NOT_FOUND')
    expect((await faultOf(checkDns(w.ctx, theirs.actor, crossed))).code).toBe('NOT_FOUND')
  })

  it('of logs: one pair a day, the same for all, until it is destroyed', async () => {
    const { keys } = w.core
    const [one, two] = await Promise.all([keys.createLogPair(20_000), keys.createLogPair(20_000)])
    expect(one.publicKey).toEqual(two.publicKey)
    const next = await keys.createLogPair(20_001)
    expect(next.publicKey).not.toEqual(one.publicKey)
    expect((await keys.logPair(20_000)).privateKey).toEqual(one.privateKey)
    expect(await keys.destroyLogPairsBefore(20_001)).toBe(1)
    expect((await faultOf(keys.logPair(20_000))).code).toBe('NOT_FOUND')
    expect((await keys.logPair(20_001)).publicKey).toEqual(next.publicKey)
  })
})
