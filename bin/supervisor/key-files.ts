import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeWhole } from '#bin/os/files'

/** Makes the key files that are missing: 32 random bytes in base64, mode 0600, in a directory of mode 0700. Returns the new ones. */
export function ensureKeyFiles(files: readonly string[]): string[] {
  const made = files.filter((file) => !existsSync(file))
  for (const file of made) {
    const dir = dirname(file)
    if (!existsSync(dir)) {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      chmodSync(dir, 0o700)
    }
    writeWhole(file, `${randomBytes(32).toString('base64')}\n`)
  }
  return made
}
