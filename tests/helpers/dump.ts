import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Instance } from '#tests/helpers/instance'

/** The forms in which a text could lie about: itself, hex in both cases, and base64 at each of its three alignments. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const hex = bytes.toString('hex')
  // Whole groups only: the characters at either end depend on what stands beside them.
  const base64 = [0, 1, 2].map((skip) => {
    const rest = bytes.subarray(skip)
    return rest.subarray(0, rest.length - (rest.length % 3)).toString('base64')
  })
  return [text, hex, hex.toUpperCase(), ...base64.filter((form) => form.length >= 8)]
}

/** Every row of every table of every database of both embedded clusters, as text, in one string. */
export async function dumpDatabases(instance: Instance): Promise<string> {
  const lines: string[] = []
  for (const cluster of ['main', 'keys'] as const) {
    const door = instance.superuser(cluster)
    const databases = await door<{ datname: string }[]>`select datname from pg_database where datallowconn`
    await door.end()
    for (const { datname } of databases) {
      const sql = instance.superuser(cluster, datname)
      try {
        const tables = await sql<{ name: string }[]>`
          select format('%I.%I', schemaname, tablename) "name" from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`
        for (const { name } of tables) {
          const rows = await sql.unsafe<{ line: string }[]>(`select t::text "line" from ${name} t`)
          lines.push(`${datname} ${name}`, ...rows.map(({ line }) => line))
        }
        await sql`checkpoint`
      } finally {
        await sql.end()
      }
    }
  }
  return lines.join('\n')
}

/** The files below the home that hold one of the needles; `grep -a`, so that data files and the write-ahead log are read as they are. */
export async function grepHome(instance: Instance, needles: readonly string[]): Promise<string[]> {
  const list = `${instance.home}.needles`
  writeFileSync(list, `${needles.join('\n')}\n`, { mode: 0o600 })
  try {
    const child = spawn('grep', ['-RlaF', '-f', list, join(instance.home, 'postgres'), instance.home], {
      env: { PATH: process.env.PATH, LC_ALL: 'C' } as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    await new Promise((done) => child.once('close', done))
    return [...new Set(output.split('\n').filter((line) => line !== ''))].sort()
  } finally {
    rmSync(list, { force: true })
  }
}
