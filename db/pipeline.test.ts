import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect, type Databases, openDatabases } from '#db/client'
import { selectFolders } from '#db/mail/queries/folder'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let account: TestAccount
let other: TestAccount
/** One connection only, so that whatever is left on it would be met. */
let db: Databases
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  account = await world.makeAccount(tenant, { address: `pipe@${domain}` })
  const house = await world.makeHouse()
  other = await world.makeAccount(house.tenant, { address: `other@${house.domain}` })
})
beforeEach(() => {
  db = openDatabases(world.urls, { poolMax: 1, name: 'pipeline' })
})
afterAll(() => world.close())

const mail = () => db.mail(account.region)
/** What the only connection of the pool sees outside any transaction of ours. */
const bare = async () => {
  const sql = connect(world.urls.MAIL_EU_APP_URL ?? '', { max: 1, name: 'bare' })
  try {
    return await sql<{ n: number }[]>`select count(*)::int n from folder`
  } finally {
    await sql.end()
  }
}

describe('a pipelined transaction', () => {
  it('sees its tenant only, and leaves no scope behind, whoever comes next', async () => {
    const first = await mail().pipeline(account.tenantId, (sql) => [
      selectFolders(sql, account),
      sql<{ pid: number }[]>`select pg_backend_pid() pid`,
    ])
    expect(first[0]).toHaveLength(6)
    const second = await mail().pipeline(other.tenantId, (sql) => [
      selectFolders(sql, account),
      selectFolders(sql, other),
      sql`select pg_backend_pid() pid`,
    ])
    expect(second[2]).toEqual(first[1]) // the same connection
    expect(second[0]).toHaveLength(0)
    expect(second[1]).toHaveLength(6)
    // Whatever else comes over that very connection, without a scope of its own, sees nothing.
    const [, seen] = await mail().pipeline(other.tenantId, (sql) => [
      sql`commit`,
      sql<{ n: number; pid: number }[]>`select count(*)::int n, pg_backend_pid() pid from folder`,
    ])
    expect(seen).toEqual([{ n: 0, pid: first[1][0]?.pid }])
    expect(await bare()).toEqual([{ n: 0 }])
    await db.close()
  })

  it('reports the error in its middle, undoes what came before, and goes on with the connection', async () => {
    const failing = mail().pipeline(account.tenantId, (sql) => [
      sql`update folder set unseen = 77 where account_id = ${account.accountId}`,
      sql`select 1 / (select count(*)::int from folder where unseen = -1)`,
      selectFolders(sql, account),
    ])
    await expect(failing).rejects.toMatchObject({ code: '22012' })
    const [folders, scope] = await mail().pipeline(other.tenantId, (sql) => [
      selectFolders(sql, account),
      sql<{ n: number }[]>`select count(*)::int n from folder`,
    ])
    expect(folders).toEqual([])
    expect(scope).toEqual([{ n: 6 }])
    const [mine] = await mail().pipeline(account.tenantId, (sql) => [selectFolders(sql, account)])
    expect(mine.map(({ unseen }) => unseen)).toEqual([0, 0, 0, 0, 0, 0])
    await db.close()
  })

  it('refuses a scope that is no id, and one that cannot be written, and keeps its connection', async () => {
    await expect(mail().pipeline("x' or true --" as typeof account.tenantId, () => [])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(
      mail().pipeline(account.tenantId, () => {
        throw new Error('not written')
      }),
    ).rejects.toThrow('not written')
    const [mine] = await mail().pipeline(account.tenantId, (sql) => [selectFolders(sql, account)])
    expect(mine).toHaveLength(6)
    await db.close()
  })

  it('reports a connection lost on the way, and takes a new one', async () => {
    const admin = connect(world.adminUrls.main, { max: 1, name: 'kill' })
    const [[row]] = await mail().pipeline(account.tenantId, (sql) => [
      sql<{ pid: number }[]>`select pg_backend_pid() pid`,
    ])
    const sleeping = mail().pipeline(account.tenantId, (sql) => [
      sql`update folder set unseen = 77 where account_id = ${account.accountId}`,
      sql`select pg_sleep(30)`,
      selectFolders(sql, account),
    ])
    sleeping.catch(() => undefined)
    for (let n = 0; n < 200; n++) {
      const [busy] =
        await admin`select 1 from pg_stat_activity where pid = ${row?.pid ?? 0} and query like '%pg_sleep%' and state = 'active'`
      if (busy) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await admin`select pg_terminate_backend(${row?.pid ?? 0})`
    await expect(sleeping).rejects.toThrow()
    const [mine] = await mail().pipeline(account.tenantId, (sql) => [selectFolders(sql, account)])
    expect(mine.map(({ unseen }) => unseen)).toEqual([0, 0, 0, 0, 0, 0])
    await admin.end()
    await db.close()
  })

  it('shows one moment throughout when asked for a snapshot, and writes nothing then', async () => {
    await expect(
      mail().pipeline(account.tenantId, (sql) => [sql`update folder set unseen = 77`], { snapshot: true }),
    ).rejects.toMatchObject({ code: '25006' })
    await db.close()
  })
})
