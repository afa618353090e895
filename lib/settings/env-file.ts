import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Names and values as the environment has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the text of an `.env` file: `NAME=value` lines, `#` comments, an optional `export`, values bare or in quotes
 * (double quotes know \n). Nothing is expanded: a password may hold a dollar sign.
 */
export function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const line of text.split(/\r?\n/)) {
    const found = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (!found?.[1]) continue
    const raw = found[2] ?? ''
    const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(raw)
    if (quoted) values[found[1]] = quoted[1] === '"' ? (quoted[2] ?? '').replaceAll('\\n', '\n') : (quoted[2] ?? '')
    else values[found[1]] = raw.replace(/(^|\s+)#.*$/, '')
  }
  return values
}

/** The directory of this installation: where package.json of the name mailtight lies, above this file or above the working directory. */
export function projectRoot(): string {
  for (const from of [import.meta.dirname, process.cwd()]) {
    for (let dir = from; dir; dir = dirname(dir)) {
      const file = join(dir, 'package.json')
      if (existsSync(file) && /"name":\s*"mailtight"/.test(readFileSync(file, 'utf8'))) return dir
      if (dir === dirname(dir)) break
    }
  }
  return process.cwd()
}

/**
 * The environment over the `.env` file of the installation: a variable that is set, and not empty, goes before the file's. A role
 * that the supervisor started (MAILTIGHT_ROLE) does not read the file: it gets only what is its own.
 */
export function readEnvironment(root: string, environment: Environment = process.env): Environment {
  const file = join(root, '.env')
  const merged: Record<string, string | undefined> =
    existsSync(file) && !environment.MAILTIGHT_ROLE ? parseEnvFile(readFileSync(file, 'utf8')) : {}
  for (const [name, value] of Object.entries(environment)) if (value) merged[name] = value
  return merged
}
