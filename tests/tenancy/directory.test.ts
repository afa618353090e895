import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sealedKeyVersion } from '#lib/crypto/aead'
import { silentLog } from '#lib/log'
import { createDirectory } from '#mailcore/directory/directory'
import { memoryKms } from '#mailcore/keys/root'
import { createKeyService } from '#mailcore/keys/service'
import { createMailStores } from '#mailcore/store/mail-store'
import { SYSTEM } from '#server/services'
import { suspendAccount } from '#server/services/account/suspend'
import { createWorld, type World } from '#tests/helpers/world'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const kinds = async (...addresses: string[]) => (await world.core.directory.resolve(addresses)).map(({ kind }) => kind)

describe('resolving recipients', () => {
  it('knows a new domain and a new account at once, whatever it has answered before', async () => {
    const { reseller } = await world.makeHouse()
    const tenant = await world.makeTenant({ resellerId: reseller.id })
    const name = `fresh-${randomBytes(4).toString('hex')}.example`
    expect(await kinds(`new@${name}`)).toEqual(['remote'])
    await world.makeDomain(tenant.id, name)
    expect(await kinds(`new@${name}`)).toEqual(['unknown'])
    await world.makeAccount(tenant, { address: `new@${name}` })
    expect(await kinds(`new@${name}`)).toEqual(['mailbox'])
  })

  it('leads the addresses for reports about a domain to its own tenant, unless a person has one', async () => {
    const { tenant, domain } = await world.makeHouse()
    const [dmarc, tls] = await world.core.directory.resolve([`dmarc-reports@${domain}`, `tls-reports@${domain}`])
    const handed = { kind: 'handover', to: 'reports', tenantId: tenant.id, region: tenant.region }
    expect([dmarc, tls]).toMatchObject([handed, handed])
    expect(await kinds('dmarc-reports@elsewhere.example', `reports@${domain}`)).toEqual(['remote', 'unknown'])
    await world.makeAccount(tenant, { address: `dmarc-reports@${domain}` })
    expect(await kinds(`dmarc-reports@${domain}`)).toEqual(['mailbox'])
  })

  it('hears of a suspension at a door that listens to nothing else, and long before what it remembers grows old', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const { tenant, domain } = await world.makeHouse()
      const bob = await world.makeAccount(tenant, { address: `bob@${domain}` })
      await expect
        .poll(async () => {
          // Remembered by now: the look-up is not asked again while the clock stands.
          const asked = vi.spyOn(world.db, 'mail')
          const answer = await kinds(bob.address)
          const times = asked.mock.calls.length
          asked.mockRestore()
          return [answer, times]
        })
        .toEqual([['mailbox'], 0])
      const { tenantId, accountId } = bob
      await suspendAccount(world.ctx, SYSTEM, { tenantId, accountId, reason: 'a test' })
      await expect.poll(() => kinds(bob.address)).toEqual(['suspended'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('remembers nothing while it cannot hear of changes', async () => {
    const { tenant, domain } = await world.makeHouse()
    const bob = await world.makeAccount(tenant, { address: `bob@${domain}` })
    let asked = 0
    const control: typeof world.db.control = {
      ...world.db.control,
      get lookup() {
        asked++
        return world.db.control.lookup
      },
    }
    const deaf = createDirectory({
      db: { ...world.db, control, listenControl: () => Promise.reject(new Error('no feed')) },
      lookupKey: world.lookupKey,
      log: silentLog,
    })
    expect(await deaf.resolve([bob.address])).toMatchObject([{ kind: 'mailbox' }])
    const once = asked
    await deaf.resolve([bob.address])
    expect(asked).toBe(2 * once)
  })
})

describe('appending', () => {
  it('seals under the version of the key that the mailbox has', async () => {
    const { tenant, domain } = await world.makeHouse()
    const bob = await world.makeAccount(tenant, { address: `bob@${domain}` })
    const real = await world.core.keys.mailboxKeys(bob.tenantId, bob.accountId)
    const keys = { ...createKeyService(world.db, memoryKms()), mailboxKeys: async () => ({ ...real, version: 7 }) }
    const store = await createMailStores({ db: world.db, keys, log: silentLog }).open(bob)
    await store.append('INBOX', { raw: Buffer.from('Subject: x\r\n\r\ny\r\n'), flags: [], receivedAt: new Date() })
    const rows = await world.db
      .mail(bob.region)
      .withTenant(bob.tenantId, (tx) => tx<{ sealed: Buffer }[]>`select sealed from body`)
    expect(real.version).toBe(1)
    expect(sealedKeyVersion(rows[0]?.sealed ?? Buffer.alloc(0))).toBe(7)
  })
})
