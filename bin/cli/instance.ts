import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '#bin/os/files'
import { readSettings, type Settings } from '#lib/env'
import { Fault } from '#lib/errors'

const fileOf = (settings: Settings): string => join(settings.files.secrets, 'addresses.json')

/**
 * Keeps the addresses of the databases and of the doors for the command line, which is told MAILTIGHT_HOME alone. They hold passwords, so mode 0600 in a
 * directory of mode 0700.
 */
export function rememberUrls(settings: Settings, urls: Record<string, string>): void {
  const doors = {
    BIND: settings.bind,
    MAILTIGHT_PORT_OFFSET: String(settings.portOffset),
    MAILTIGHT_HOSTNAME: settings.hostname,
    MAILTIGHT_REGIONS: settings.regions.map((region) => region.id).join(','),
  }
  writeWhole(fileOf(settings), `${JSON.stringify({ ...doors, ...urls })}\n`)
}

/** The settings of the instance that MAILTIGHT_HOME names, with the addresses which its last start has left there. */
export function instanceSettings(): Settings {
  const settings = readSettings()
  const file = fileOf(settings)
  if (!existsSync(file)) {
    if (Object.keys(settings.urls).length > 0) return settings // told by the environment
    throw new Fault(
      'UNAVAILABLE',
      `There is no instance in ${settings.home}: run npm start first, or set MAILTIGHT_HOME.`,
    )
  }
  return readSettings({ ...(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>), ...process.env })
}
