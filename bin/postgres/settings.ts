import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a cluster is for: `main` holds control and mail, `keys` the wrapped keys, apart, with its own WAL. */
export type ClusterName = 'main' | 'keys'

export interface ClusterSettings {
  name: ClusterName
  socketDir: string
  /** False only for tests: a power cut may then lose what was committed. */
  fsync: boolean
}

const quote = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** The settings of a cluster and why they stand. */
export function settingsOf({ name, socketDir, fsync }: ClusterSettings): Record<string, string> {
  const main = name === 'main'
  return {
    // Reached over its socket only, in a directory that nobody else may enter.
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    password_encryption: 'scram-sha-256',
    max_connections: '200',
    shared_buffers: main ? '256MB' : '64MB',
    max_wal_size: main ? '4GB' : '1GB',
    // 250 is said after commit, so a commit must be on disk.
    synchronous_commit: 'on',
    fsync: fsync ? 'on' : 'off',
    full_page_writes: fsync ? 'on' : 'off',
    wal_compression: 'on', // these binaries know pglz only
    jit: 'off', // short statements: compiling them costs more than it gives
    timezone: 'UTC',
    lc_messages: 'C',
    // A session whose application died in mid-transaction must not hold a mailbox's row for long.
    idle_in_transaction_session_timeout: '60s',
    // The log never holds a value: no statements, no DETAIL lines (a unique violation quotes the key), warnings at most.
    log_statement: 'none',
    log_min_duration_statement: '-1',
    log_min_error_statement: 'panic',
    log_min_messages: 'warning',
    log_error_verbosity: 'terse',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_connections: 'off',
    log_disconnections: 'off',
    // One file for each day of the week, emptied when its day comes round again: seven days are kept.
    logging_collector: 'on',
    log_directory: 'log',
    log_filename: `${name}-%u.log`,
    log_rotation_age: '1d',
    log_rotation_size: '0',
    log_truncate_on_rotation: 'on',
    log_file_mode: '0600',
  }
}

/** Writes the settings into a cluster's directory; they are read at its next start. The caller gives the file to its user. */
export function writeSettings(dataDir: string, settings: ClusterSettings): string {
  const lines = Object.entries(settingsOf(settings)).map(([key, value]) => `${key} = ${quote(value)}`)
  const file = join(dataDir, 'postgresql.auto.conf')
  writeFileSync(file, `# Written by MailTight at every start.\n${lines.join('\n')}\n`, { mode: 0o600 })
  return file
}
