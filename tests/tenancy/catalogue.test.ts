import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Sql } from '#db/client'
import { CONTROL_RULES, KEYS_RULES, MAIL_RULES } from '#db/policies/rules'
import { UNSAFE_FUNCTIONS } from '#db/unsafe/control'
import { createWorld, type World } from '#tests/helpers/world'

let world: World
const pools: Sql[] = []
beforeAll(async () => {
  world = await createWorld()
})
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })))
  await world.close()
})

function admin(server: 'main' | 'keys', database: string): Sql {
  const url = new URL(world.adminUrls[server])
  url.pathname = `/${world.prefix}_${database}`
  const sql = connect(url.toString(), { max: 1, name: 'catalogue' })
  pools.push(sql)
  return sql
}

const DATABASES = [
  { server: 'main', database: 'control', rules: CONTROL_RULES },
  { server: 'keys', database: 'keys', rules: KEYS_RULES },
  { server: 'main', database: 'mail_eu', rules: MAIL_RULES },
  { server: 'main', database: 'mail_ca', rules: MAIL_RULES },
] as const

describe.each(DATABASES)('the catalogue of $database', ({ server, database, rules }) => {
  it('has row-level security, forced, on every table, and each stands in the rules', async () => {
    const rows = await admin(server, database)<{ name: string; secured: boolean; forced: boolean }[]>`
      select c.relname name, c.relrowsecurity secured, c.relforcerowsecurity forced from pg_class c
      join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1`
    expect(rows.map((row) => row.name)).toEqual(rules.map((rule) => rule.table).sort())
    expect(rows.filter((row) => !row.secured || !row.forced)).toEqual([])
  })

  it('has no table, view or function that a login role owns, and no view at all', async () => {
    const sql = admin(server, database)
    const owned =
      await sql`select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolcanlogin and not r.rolsuper`
    expect(owned).toHaveLength(0)
    const views = await sql`select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('v', 'm')`
    expect(views).toHaveLength(0)
  })

  it('has functions with the owner’s rights only where the list names them', async () => {
    const rows = await admin(server, database)<{ name: string }[]>`
      select n.nspname || '.' || p.proname name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname not in ('pg_catalog', 'information_schema') and (p.prosecdef or n.nspname = 'unsafe') order by 1`
    const listed = database === 'control' ? UNSAFE_FUNCTIONS.map((one) => `unsafe.${one.name}`).sort() : []
    expect(rows.map((row) => row.name)).toEqual(listed)
  })
})

describe('the catalogue of the mail databases', () => {
  it('leads every primary, unique and foreign key with the tenant', async () => {
    const rows = await admin('main', 'mail_eu')<{ name: string; first: string }[]>`
      select c.conname name, a.attname first from pg_constraint c
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      where c.connamespace = 'public'::regnamespace and c.contype in ('p', 'u', 'f')
        and c.conrelid::regclass::text <> all(${MAIL_RULES.filter(({ shared }) => shared).map(({ table }) => table)}::text[])`
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.filter((row) => row.first !== 'tenant_id')).toEqual([])
  })
})

describe('the login roles', () => {
  it.each(['main', 'keys'] as const)(
    'are no owners, no superusers and bypass nothing on the %s server',
    async (server) => {
      const rows = await admin(server, server === 'main' ? 'control' : 'keys')<{ name: string }[]>`
      select r.rolname name from pg_roles r where r.rolname like ${`${world.prefix}\\_%`}
      and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication
        or pg_has_role(r.oid, 'mailtight_owner', 'member'))`
      expect(rows).toEqual([])
      const all = await admin(server, server === 'main' ? 'control' : 'keys')<{ n: number }[]>`
      select count(*)::int n from pg_roles where rolname like ${`${world.prefix}\\_%`}`
      expect(all[0]?.n).toBe(4)
    },
  )
})
