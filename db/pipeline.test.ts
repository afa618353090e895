import net from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect, connectionOptions, type Databases, openDatabases, type Writer } from '#db/client'
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
    expect(scope).toEqual([{ n: 7 }]) // with the one that its owner does not see
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

  describe('in two trips', () => {
    const deliver = () => db.mail(account.region)

    it('commits what the first answers led to, or undoes all when they forbid it', async () => {
      const raise = (n: number, refuse: boolean) =>
        deliver().deliver(
          (sql) => [
            sql<{ messages: number }[]>`
              update mailbox set messages = messages + ${n}::int where account_id = ${account.accountId} returning messages`,
          ],
          ([rows], sql) => {
            if (refuse) throw new Error('refused')
            return [
              sql`update mailbox set messages = ${(rows[0]?.messages ?? 0) - 2}::int where account_id = ${account.accountId}`,
            ]
          },
        )
      await expect(raise(5, true)).rejects.toThrow('refused')
      await raise(2, false)
      const [[row]] = await mail().pipeline(account.tenantId, (sql) => [
        sql<{ messages: number }[]>`select messages from mailbox where account_id = ${account.accountId}`,
      ])
      expect(row).toEqual({ messages: 0 })
      await db.close()
    })

    it('undoes all after an error in either trip, and goes on with the connection', async () => {
      const failing = (first: boolean) =>
        deliver().deliver(
          (sql) => [
            sql`update mailbox set messages = 9 where account_id = ${account.accountId}`,
            ...(first ? [sql`select 1 / 0`] : []),
          ],
          (_, sql) => [sql`select 1 / 0`],
        )
      await expect(failing(true)).rejects.toMatchObject({ code: '22012' })
      await expect(failing(false)).rejects.toMatchObject({ code: '22012' })
      let messages: unknown
      await deliver().deliver(
        (sql) => [sql<{ messages: number }[]>`select messages from mailbox where account_id = ${account.accountId}`],
        ([rows]) => {
          messages = rows
          return []
        },
      )
      expect(messages).toEqual([{ messages: 0 }])
      await db.close()
    })

    it('sends what is left of a transaction over no other connection when the first was refused or lost', async () => {
      // As a server that starts up answers (57P03): postgres.js takes it for the answer to BEGIN alone and would connect anew for the rest.
      const to = connectionOptions(world.urls.MAIL_EU_DELIVERY_URL ?? '')
      let refusals = 1
      const proxy = net.createServer((client) => {
        const fields = 'SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0'
        const refusal = Buffer.alloc(5 + fields.length)
        refusal.write('E')
        refusal.writeInt32BE(4 + fields.length, 1)
        refusal.write(fields, 5, 'latin1')
        client.on('error', () => undefined)
        if (refusals-- > 0) return client.once('data', () => client.end(refusal))
        const upstream = net.connect(`${to.host}/.s.PGSQL.${to.port}`)
        upstream.on('error', () => client.destroy())
        return client.pipe(upstream).pipe(client)
      })
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      const { port } = proxy.address() as net.AddressInfo
      const { user, password, database } = to
      const url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`
      const behind = openDatabases({ MAIL_EU_DELIVERY_URL: url }, { poolMax: 1, name: 'refused' })
      const add = (sql: Writer) =>
        sql`update mailbox set messages = messages + ${1}::int where account_id = ${account.accountId}`
      await expect(
        behind.mail(account.region).deliver(
          (sql) => [add(sql), add(sql)],
          (_, sql) => [add(sql)],
        ),
      ).rejects.toThrow()
      // A lane taken afterwards is whole: the rest did not reach the server before it either.
      await behind.mail(account.region).deliver(
        (sql) => [sql`select 1`],
        () => [],
      )
      await behind.close()
      proxy.close()
      const [[row]] = await mail().pipeline(account.tenantId, (sql) => [
        sql<{ messages: number }[]>`select messages from mailbox where account_id = ${account.accountId}`,
      ])
      expect(row).toEqual({ messages: 0 })
      await db.close()
    })

    it('writes nothing on another connection when its own is lost between the trips', async () => {
      const admin = connect(world.adminUrls.main, { max: 1, name: 'kill' })
      const pids: number[] = []
      const once = (kill: boolean) =>
        deliver().deliver(
          (sql) => [sql<{ pid: number }[]>`select pg_backend_pid() pid`],
          ([[row]], sql) => {
            pids.push(row?.pid ?? 0)
            return [
              ...(kill ? [sql`select pg_terminate_backend(pg_backend_pid())`] : []),
              sql`update mailbox set messages = messages + 1 where account_id = ${account.accountId}`,
            ]
          },
        )
      await expect(once(true)).rejects.toThrow()
      await once(false)
      expect(new Set(pids).size).toBe(2)
      const [[row]] = await mail().pipeline(account.tenantId, (sql) => [
        sql<
          { messages: number }[]
        >`update mailbox set messages = messages - 1 where account_id = ${account.accountId} returning messages`,
      ])
      expect(row).toEqual({ messages: 0 })
      await admin.end()
      await db.close()
    })
  })
})
