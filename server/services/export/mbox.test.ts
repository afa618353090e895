import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportMbox } from '#server/services/export/mbox'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let anna: TestAccount
beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  anna = await world.makeAccount(house.tenant, { address: `anna@${house.domain}` })
})
afterAll(() => world.close())

describe('file names of an export', () => {
  it('are of their folder alone, and no longer than a file system takes, whatever the owner named them', async () => {
    const store = await world.core.open(anna)
    for (const path of ['a:b', 'a;b', 'a_b-2', 'A_B', 'x'.repeat(240), '\u{1f600}'.repeat(60)]) {
      await store.createFolder(path)
    }
    store.close()
    const made = await exportMbox(world.ctx, anna.actor, { tenantId: anna.tenantId, accountId: anna.accountId })
    made.close()
    const names = made.folders.map((folder) => folder.fileName)
    expect(names.length).toBeGreaterThan(8)
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
    for (const name of names) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
      expect(name).not.toMatch(/[/\\]|^\./)
    }
  })
})
