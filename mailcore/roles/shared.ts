import { readFileSync } from 'node:fs'
import { type Databases, openDatabases } from '#db/client'
import type { Settings } from '#lib/env'
import type { Running } from '#lib/lifecycle'
import { createLog, type Log } from '#lib/log'
import { createDirectory } from '#mailcore/directory/directory'
import { readKeyFile } from '#mailcore/keys/root'
import type { Directory } from '#mailcore/ports'

/** What every mail role begins with: its log, its databases (only those its settings name) and the directory. */
export interface Ground {
  log: Log
  db: Databases
  directory: Directory
  /** 32 bytes; look-up hashes are made with it. */
  lookupKey: Buffer
}

export function ground(role: string, settings: Settings, options: { poolMax: number }): Ground {
  const log = createLog(role)
  const db = openDatabases(settings.urls, { poolMax: options.poolMax, name: role })
  const lookupKey = readKeyFile(settings.keyFiles.lookup)
  return { log, db, lookupKey, directory: createDirectory({ db, lookupKey, log }) }
}

/** The certificate and key of the doors. */
export const readTls = (settings: Settings): { key: string; cert: string } => ({
  key: readFileSync(settings.tls.keyFile, 'utf8'),
  cert: readFileSync(settings.tls.certFile, 'utf8'),
})

export const limitsOf = (settings: Settings): 'normal' | 'bench' => (settings.benchLimits ? 'bench' : 'normal')

/** A database as something that stops. */
export const closing = (db: Databases): Running => ({ stop: () => db.close() })
