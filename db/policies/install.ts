import type { Sql } from '#db/client'
import type { TableRule } from '#db/policies/rules'

/** Roles that hold rights; the login roles of an instance are members of one each. None owns anything or can bypass policies. */
export const GROUPS = {
  owner: 'mailtight_owner',
  app: 'mailtight_app',
  lookup: 'mailtight_lookup',
  delivery: 'mailtight_delivery',
  system: 'mailtight_system',
} as const

/**
 * Installs row-level security on every table of `rules`, forced so that not even the owner passes by accident, and grants exactly what the rules name.
 * Runs after every migration and may run again: what it does not name is taken away first. `sql` must be the owner.
 */
export async function installPolicies(
  sql: Sql,
  rules: readonly TableRule[],
  statements: readonly string[] = [],
): Promise<void> {
  const out: string[] = []
  const everyone = [GROUPS.app, GROUPS.lookup, GROUPS.delivery, GROUPS.system].join(', ')
  out.push(`revoke all on all tables in schema public from public, ${everyone}`)
  out.push(`revoke create on schema public from public`)
  out.push(`grant usage on schema public to ${everyone}`)
  for (const rule of rules) {
    const { table } = rule
    out.push(`alter table ${table} enable row level security`, `alter table ${table} force row level security`)
    for (const name of ['owner_all', 'app_rows', 'system_all', 'delivery_write', 'delivery_read', 'delivery_change']) {
      out.push(`drop policy if exists ${name} on ${table}`)
    }
    // Nobody logs in as the owner but migrations; foreign key checks and the functions of db/unsafe run as it.
    out.push(`create policy owner_all on ${table} to ${GROUPS.owner} using (true) with check (true)`)
    if (rule.app.rows !== null) {
      out.push(`grant ${rule.app.grant} on ${table} to ${GROUPS.app}`)
      out.push(
        `create policy app_rows on ${table} to ${GROUPS.app} using (${rule.app.rows}) with check (${rule.app.check ?? rule.app.rows})`,
      )
    }
    if (rule.system) {
      out.push(`grant ${rule.system} on ${table} to ${GROUPS.system}`)
      out.push(`create policy system_all on ${table} to ${GROUPS.system} using (true) with check (true)`)
    }
    for (const right of rule.delivery ?? []) {
      out.push(`grant ${right} on ${table} to ${GROUPS.delivery}`)
      const command = right.split(' ')[0]
      if (command === 'insert')
        out.push(`create policy delivery_write on ${table} for insert to ${GROUPS.delivery} with check (true)`)
      if (command === 'select')
        out.push(`create policy delivery_read on ${table} for select to ${GROUPS.delivery} using (true)`)
      if (command === 'update')
        out.push(
          `create policy delivery_change on ${table} for update to ${GROUPS.delivery} using (true) with check (true)`,
        )
    }
  }
  out.push(`grant usage on all sequences in schema public to ${GROUPS.app}, ${GROUPS.system}`)
  out.push(...statements)
  await sql.begin(async (tx) => {
    for (const statement of out) await tx.unsafe(statement)
  })
}
