import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { connect, connectionOptions, type Sql } from '#db/client'
import { GROUPS, installPolicies } from '#db/policies/install'
import { CONTROL_RULES, KEYS_RULES, MAIL_RULES, type TableRule } from '#db/policies/rules'
import { unsafeStatements } from '#db/unsafe/control'
import { Fault } from '#lib/errors'

export interface RegionSetting {
  id: string
  name: string
  legalEntity: string
  jurisdiction: string
}

export interface SetupInput {
  /** An administrator's URL (may create databases and roles) of the server that holds each database; the database named in it is only the door. */
  adminUrls: { control: string; keys: string; mail: Record<string, string> }
  regions: readonly RegionSetting[]
  /** Databases are `<prefix>_control`, `<prefix>_keys`, `<prefix>_mail_<region>`; login roles `<prefix>_app` and so on. */
  prefix: string
  /** Where the login roles' passwords are kept (0600). */
  secretsFile: string
  log: (line: string) => void
}

type LoginRole = 'app' | 'lookup' | 'delivery' | 'system'

interface Plan {
  name: string
  admin: string
  folder: 'control' | 'keys' | 'mail'
  rules: readonly TableRule[]
  statements: readonly string[]
  /** Settings to hand out: name of the setting and the login role behind it. */
  urls: readonly (readonly [setting: string, role: LoginRole])[]
}

/** Bytes already sealed do not compress; keeping them out of line keeps the rows narrow. Tables that churn are vacuumed early. */
const MAIL_STATEMENTS = [
  'alter table body alter column sealed set storage external',
  'alter table outbound alter column sealed set storage external',
  'alter table meta_row alter column sealed set storage external',
  ...['envelope', 'bodystructure', 'header', 'preview'].map(
    (column) => `alter table meta_page alter column ${column} set storage external`,
  ),
  'alter table message set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)',
  'alter table folder set (fillfactor = 50)',
  'alter table mailbox set (fillfactor = 50)',
]

function plans(input: SetupInput): Plan[] {
  return [
    {
      name: `${input.prefix}_control`,
      admin: input.adminUrls.control,
      folder: 'control',
      rules: CONTROL_RULES,
      statements: unsafeStatements(),
      urls: [
        ['CONTROL_APP_URL', 'app'],
        ['CONTROL_LOOKUP_URL', 'lookup'],
        ['CONTROL_SYSTEM_URL', 'system'],
      ],
    },
    {
      name: `${input.prefix}_keys`,
      admin: input.adminUrls.keys,
      folder: 'keys',
      rules: KEYS_RULES,
      statements: [],
      urls: [['KEYS_APP_URL', 'app']],
    },
    ...input.regions.map((region): Plan => {
      const admin = input.adminUrls.mail[region.id]
      if (!admin) throw new Fault('BAD_REQUEST', `Region ${region.id} has no database address.`)
      const setting = `MAIL_${region.id.toUpperCase()}`
      return {
        name: `${input.prefix}_mail_${region.id}`,
        admin,
        folder: 'mail',
        rules: MAIL_RULES,
        statements: MAIL_STATEMENTS,
        urls: [
          [`${setting}_APP_URL`, 'app'],
          [`${setting}_DELIVERY_URL`, 'delivery'],
          [`${setting}_SYSTEM_URL`, 'system'],
        ],
      }
    }),
  ]
}

/**
 * Makes or brings up to date every database: roles, tables, row-level security, functions. May run any number of times.
 * Returns the URLs of the login roles by the name of their setting.
 */
export async function setupDatabases(input: SetupInput): Promise<Record<string, string>> {
  const passwords = readPasswords(input.secretsFile)
  const urls: Record<string, string> = {}
  const doneServers = new Set<string>()
  for (const plan of plans(input)) {
    const server = serverOf(plan.admin)
    const admin = connect(plan.admin, { max: 1, name: 'setup' })
    try {
      if (!doneServers.has(server)) await createRoles(admin, input.prefix, passwords)
      doneServers.add(server)
      if ((await admin`select 1 from pg_database where datname = ${plan.name}`).length === 0) {
        await admin.unsafe(`create database "${plan.name}" template template0 encoding 'UTF8'`)
        input.log(`created database ${plan.name}`)
      }
    } finally {
      await admin.end({ timeout: 5 })
    }
    await bringUpToDate(plan)
    for (const [setting, role] of plan.urls)
      urls[setting] = withLogin(plan.admin, plan.name, `${input.prefix}_${role}`, passwords[role])
  }
  await writeRegions(input)
  return urls
}

async function bringUpToDate(plan: Plan): Promise<void> {
  const owner = connect(withDatabase(plan.admin, plan.name), { max: 1, name: 'migrate' })
  try {
    await owner.unsafe(
      `grant all on schema public to ${GROUPS.owner}; grant create on database "${plan.name}" to ${GROUPS.owner}; set role ${GROUPS.owner}; set lock_timeout = '2s'`,
    )
    await migrate(drizzle(owner), { migrationsFolder: migrationsFolder(plan.folder), migrationsSchema: 'migrations' })
    await installPolicies(owner, plan.rules, plan.statements)
  } finally {
    await owner.end({ timeout: 5 })
  }
}

async function createRoles(admin: Sql, prefix: string, passwords: Record<LoginRole, string>): Promise<void> {
  const make = async (name: string, options: string) => {
    const [found] = await admin`select 1 from pg_roles where rolname = ${name}`
    if (!found) {
      await admin.unsafe(`create role "${name}" ${options}`).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && (error.code === '42710' || error.code === '23505')))
          throw error
      })
    }
  }
  for (const group of Object.values(GROUPS)) await make(group, 'nologin nosuperuser')
  await admin.unsafe(`grant ${GROUPS.owner} to current_user`)
  for (const role of ['app', 'lookup', 'delivery', 'system'] as const) {
    const login = `${prefix}_${role}`
    await make(login, 'nosuperuser nocreatedb nocreaterole')
    await admin.unsafe(
      `alter role "${login}" with login password '${passwords[role]}'; grant ${GROUPS[role]} to "${login}"`,
    )
  }
}

async function writeRegions(input: SetupInput): Promise<void> {
  const sql = connect(withDatabase(input.adminUrls.control, `${input.prefix}_control`), { max: 1, name: 'regions' })
  try {
    await sql.unsafe(`set role ${GROUPS.owner}`)
    for (const region of input.regions) {
      await sql`insert into region (id, name, legal_entity, jurisdiction)
                values (${region.id}, ${region.name}, ${region.legalEntity}, ${region.jurisdiction})
                on conflict (id) do update set name = excluded.name, legal_entity = excluded.legal_entity, jurisdiction = excluded.jurisdiction`
    }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

function readPasswords(file: string): Record<LoginRole, string> {
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8'))
  const fresh = () => randomBytes(24).toString('hex')
  const passwords = { app: fresh(), lookup: fresh(), delivery: fresh(), system: fresh() }
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  fs.writeFileSync(file, JSON.stringify(passwords), { mode: 0o600 })
  return passwords
}

const serverOf = (url: string): string => {
  const { host, port } = connectionOptions(url)
  return `${host}:${port}`
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.toString()
}

function withLogin(url: string, database: string, user: string, password: string): string {
  const changed = new URL(withDatabase(url, database))
  changed.username = user
  changed.password = password
  return changed.toString()
}

/** Works from the sources and from a bundle in dist/: the folder is looked for upwards. */
function migrationsFolder(name: string): string {
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    const candidate = path.join(dir, 'db', name, 'migrations')
    if (fs.existsSync(candidate)) return candidate
    if (dir === path.dirname(dir)) throw new Fault('INTERNAL', 'The migrations are missing from this installation.')
  }
}
