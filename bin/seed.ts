import { existsSync } from 'node:fs'
import { writeWhole } from '#bin/os/files'
import { readSettings } from '#lib/env'

/** `main.mjs seed`: fills a new instance with the demo world, and leaves its logins in demo.json (mode 0600). */
export async function seed(): Promise<void> {
  const settings = readSettings()
  if (existsSync(settings.files.demo)) return
  const { seedDemo } = await import('#server/services/demo/seed-demo')
  const demo = await seedDemo(settings)
  writeWhole(settings.files.demo, `${JSON.stringify({ ...demo, ports: settings.ports }, null, 2)}\n`)
  process.exit(0)
}
