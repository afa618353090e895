import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Sql } from '#db/client'
import { selectTenant } from '#db/control/queries/tenant'
import { CONTROL_RULES, KEYS_RULES, MAIL_RULES } from '#db/policies/rules'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let mine: TestAccount
let theirs: TestAccount
const pools: Sql[] = []

/** A connection as the app's own login role, without anything of ours in between. */
function asApp(setting: string): Sql {
  const url = world.urls[setting]
  if (!url) throw new Error(`no ${setting}`)
  const sql = connect(url, { max: 1, name: 'rls test' })
  pools.push(sql)
  return sql
}

beforeAll(async () => {
  world = await createWorld()
  const one = await world.makeHouse()
  const two = await world.makeHouse()
  mine = await world.makeAccount(one.tenant, { address: `mine@${one.domain}` })
  theirs = await world.makeAccount(two.tenant, { address: `theirs@${two.domain}` })
  for (const account of [mine, theirs]) {
    const store = await world.core.open(account)
    await store.append('INBOX', { raw: Buffer.from('Subject: x\r\n\r\nx\r\n'), flags: [], receivedAt: new Date() })
    store.close()
  }
})
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })))
  await world.close()
})

const DATABASES = [
  { name: 'control', setting: 'CONTROL_APP_URL', rules: CONTROL_RULES },
  { name: 'keys', setting: 'KEYS_APP_URL', rules: KEYS_RULES },
  { name: 'mail', setting: 'MAIL_EU_APP_URL', rules: MAIL_RULES },
]
const BY_SCOPE = ['wrapped_key', 'send_count']
const tenantColumn = (table: string) =>
  table === 'tenant' ? 'id' : BY_SCOPE.includes(table) ? 'scope_id' : 'tenant_id'
/** Rows of a reseller, which name no tenant; see below. */
const OF_RESELLER = ['reseller', 'staff', 'pool_of_reseller']

describe.each(DATABASES)('row-level security in the $name database', ({ setting, rules }) => {
  const tables = rules.filter((rule) => rule.app.rows !== null && rule.shared === undefined).map((rule) => rule.table)

  it('shows nothing without a context', async () => {
    const sql = asApp(setting)
    for (const table of tables) {
      const [row] = await sql.unsafe<{ n: number }[]>(`select count(*)::int n from ${table}`)
      expect([table, row?.n]).toEqual([table, 0])
    }
    // After a transaction with a context the setting is '' rather than unset; that shows nothing either.
    await sql.begin((tx) => tx.unsafe(`set local app.tenant_id = '${mine.tenantId}'`))
    for (const table of tables) {
      const [row] = await sql.unsafe<{ n: number }[]>(`select count(*)::int n from ${table}`)
      expect([table, row?.n]).toEqual([table, 0])
    }
  })

  it('shows, changes and deletes nothing of another tenant', async () => {
    const sql = asApp(setting)
    for (const rule of rules.filter((one) => tables.includes(one.table))) {
      const { table } = rule
      if (OF_RESELLER.includes(table)) continue
      const column = tenantColumn(table)
      await sql.begin(async (tx) => {
        await tx.unsafe(`set local app.tenant_id = '${mine.tenantId}'`)
        const [row] = await tx.unsafe<{ n: number }[]>(
          `select count(*)::int n from ${table} where ${column} <> '${mine.tenantId}'`,
        )
        expect([table, row?.n]).toEqual([table, 0])
        if (/update/.test(rule.app.grant)) {
          const changed = await tx.unsafe(
            `update ${table} set ${column} = ${column} where ${column} = '${theirs.tenantId}'`,
          )
          expect([table, changed.count]).toEqual([table, 0])
        }
        if (/delete/.test(rule.app.grant)) {
          const gone = await tx.unsafe(`delete from ${table} where ${column} = '${theirs.tenantId}'`)
          expect([table, gone.count]).toEqual([table, 0])
        }
      })
    }
  })
})

describe('writing for another tenant', () => {
  const inside = (setting: string, statement: string) =>
    asApp(setting).begin(async (tx) => {
      await tx.unsafe(`set local app.tenant_id = '${mine.tenantId}'`)
      await tx.unsafe(statement)
    })

  it('is refused in every database', async () => {
    const refusal = /row-level security/
    const at = `'${theirs.tenantId}'`
    await expect(
      inside(
        'CONTROL_APP_URL',
        `insert into domain (tenant_id, id, name, proof_token) values (${at}, '${randomUUID()}', 'stolen.example', 'x')`,
      ),
    ).rejects.toThrow(refusal)
    await expect(
      inside(
        'CONTROL_APP_URL',
        `insert into audit (id, tenant_id, actor_kind, action, outcome) values ('${randomUUID()}', ${at}, 'system', 'x', 'done')`,
      ),
    ).rejects.toThrow(refusal)
    await expect(
      inside(
        'KEYS_APP_URL',
        `insert into wrapped_key (scope_id, owner_id, purpose, version, wrapper, wrapper_id, wrapper_version, wrapped)
         values (${at}, '${randomUUID()}', 'profile', 1, 'tenant', '${randomUUID()}', 1, 'x')`,
      ),
    ).rejects.toThrow(refusal)
    await expect(
      inside(
        'MAIL_EU_APP_URL',
        `insert into body (tenant_id, email_id, account_id, wrapped_key, sealed) values (${at}, '${randomUUID()}', '${theirs.accountId}', 'x', 'x')`,
      ),
    ).rejects.toThrow(refusal)
  })

  it('cannot move a row of one’s own to another tenant', async () => {
    await expect(
      inside(
        'CONTROL_APP_URL',
        `update domain set tenant_id = '${theirs.tenantId}' where tenant_id = '${mine.tenantId}'`,
      ),
    ).rejects.toThrow(/row-level security/)
  })

  it('puts no line into the ledger of another tenant or reseller, and no act, staff or staff session where it has no say', async () => {
    const refusal = /row-level security/
    const reseller = async (account: TestAccount) =>
      (await world.ctx.db.control.withTenant(account.tenantId, (tx) => selectTenant(tx, account.tenantId)))?.resellerId
    const own = await reseller(mine)
    const other = await reseller(theirs)
    const asReseller = (statement: string) =>
      asApp('CONTROL_APP_URL').begin(async (tx) => {
        await tx.unsafe(`set local app.reseller_id = '${own}'`)
        await tx.unsafe(statement)
      })
    const line = (tenant: string, ofReseller: string | undefined) =>
      `insert into audit (id, tenant_id, reseller_id, actor_kind, action, outcome)
       values ('${randomUUID()}', '${tenant}', '${ofReseller}', 'operator', 'x', 'done')`
    const act = (tenant: string, ofReseller: string | undefined) =>
      `insert into intent (id, tenant_id, reseller_id, account_id, action)
       values ('${randomUUID()}', '${tenant}', '${ofReseller}', '${theirs.accountId}', 'account.erase')`
    const session = (kind: string) =>
      `insert into session (token_hash, kind, tenant_id, staff_id, epoch, expires_at)
       values ('\\x${randomUUID().replaceAll('-', '')}', '${kind}', '${mine.tenantId}', '${randomUUID()}', 1, now())`
    for (const statement of [line(theirs.tenantId, own), act(theirs.tenantId, own)])
      await expect(asReseller(statement)).rejects.toThrow(refusal)
    for (const statement of [
      line(mine.tenantId, other),
      act(mine.tenantId, other),
      session('staff'),
      session('account'),
    ])
      await expect(inside('CONTROL_APP_URL', statement)).rejects.toThrow(refusal)
    const staff = `insert into staff (id, kind, reseller_id, email_hash, profile_sealed, password_hash)
      values ('${randomUUID()}', 'operator', '${own}', 'x', 'x', 'x')`
    await expect(asReseller(staff)).rejects.toThrow(refusal)
  })

  it('cannot change or remove what the ledger says', async () => {
    await expect(inside('CONTROL_APP_URL', `update audit set action = 'x'`)).rejects.toThrow(/permission denied/)
    await expect(inside('CONTROL_APP_URL', 'delete from audit')).rejects.toThrow(/permission denied/)
  })
})

describe('the other login roles', () => {
  it('look-up may call its functions and read no table', async () => {
    const sql = asApp('CONTROL_LOOKUP_URL')
    for (const { table } of CONTROL_RULES) {
      await expect(sql.unsafe(`select 1 from ${table} limit 1`)).rejects.toThrow(/permission denied/)
    }
    expect(await sql`select * from unsafe.hosted_domains(array['nobody.example'])`).toHaveLength(0)
    await expect(sql`select * from unsafe.lock_seats(${mine.tenantId})`).rejects.toThrow(/permission denied/)
  })

  it('delivery reads no body, no key wrap and no metadata', async () => {
    const sql = asApp('MAIL_EU_DELIVERY_URL')
    for (const table of ['body', 'message', 'meta_row', 'change', 'deleted_message', 'outbound']) {
      await expect(sql.unsafe(`select * from ${table} limit 1`)).rejects.toThrow(/permission denied/)
    }
  })
})
