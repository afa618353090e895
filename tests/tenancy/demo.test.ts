import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '#db/client'
import type { RegionId } from '#lib/ids'
import { keepLogKeys } from '#server/jobs/keep-log-keys'
import { checkPromises } from '#server/promises/index'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { type DemoFile, seedDemoWorld } from '#server/services/demo/seed-demo'
import { listFolders } from '#server/services/mail/list-folders'
import { signIn } from '#server/services/session/sign-in'
import { createWorld, type World } from '#tests/helpers/world'

let world: World
let demo: DemoFile
beforeAll(async () => {
  world = await createWorld()
  demo = await seedDemoWorld(world.ctx, ['eu' as RegionId, 'ca' as RegionId])
})
afterAll(() => world.close())

describe('the demo world', () => {
  it('lets every login in, and has mail to read', async () => {
    const logins = [demo.operator, demo.reseller, demo.domainAdmin, ...demo.subscribers]
    for (const { email, password } of logins) {
      expect(await signIn(world.ctx, { username: email, password, peer: '127.0.0.1' })).toMatchObject({ ok: true })
    }
    for (const { email, password } of demo.subscribers) {
      const result = await signIn(world.ctx, { username: email, password, peer: '127.0.0.1' })
      if (!result.ok || result.proven.kind !== 'account') throw new Error('not an account')
      const { tenantId, accountId, region } = result.proven
      const actor = { kind: 'subscriber' as const, tenantId, accountId, region, resellerId: '' as never }
      const inbox = (await listFolders(world.ctx, actor, { tenantId, accountId }))[0]
      expect(inbox?.messages).toBeGreaterThanOrEqual(8)
      expect(inbox?.unseen).toBeGreaterThan(0)
    }
    expect(demo.domains).toEqual(['fernhill.example', 'tidewater.example'])
    expect((await findAccount(world.ctx, SYSTEM, demo.domainAdmin.email)).accountId).toBeTruthy()
  })

  it('keeps the promises that a check can look at, and claims no other', async () => {
    // The worker does this as soon as it starts.
    await keepLogKeys.run(world.ctx)
    const results = await checkPromises({ services: world.ctx, settings: null })
    expect(results.map((result) => result.id)).toEqual(Array.from({ length: 22 }, (_, i) => `P${i + 1}`))
    expect(results.filter((result) => result.state === 'failing')).toEqual([])
    expect(results.filter((result) => result.state === 'kept').map((result) => result.id)).toEqual([
      'P6',
      'P10',
      'P12',
      'P13',
      'P14',
      'P20',
    ])
  })

  it('leaves no name, address or password in the control database in clear', async () => {
    const url = new URL(world.adminUrls.main)
    url.pathname = `/${world.prefix}_control`
    const sql = connect(url.toString(), { max: 1, name: 'canary' })
    try {
      const tables = await sql<{ name: string }[]>`select tablename name from pg_tables where schemaname = 'public'`
      const canaries = [
        'Costa',
        'Whitlock',
        'Sørensen',
        'Harbour',
        'Fernhill School',
        'bruno',
        'rhea',
        demo.reseller.password,
        demo.domainAdmin.password,
      ]
      for (const { name } of tables) {
        const rows = await sql.unsafe<{ row: string }[]>(`select t::text as row from ${name} t`)
        for (const { row } of rows) {
          // bytea shows as hexadecimal, so both forms are looked for.
          for (const canary of canaries) {
            expect(row).not.toContain(canary)
            expect(row).not.toContain(Buffer.from(canary).toString('hex'))
          }
        }
      }
    } finally {
      await sql.end({ timeout: 5 })
    }
  })
})
