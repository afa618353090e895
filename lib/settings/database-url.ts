import { Fault } from '#lib/errors'

/** Where a database is, in the parts that a client library asks for. */
export interface DatabaseAddress {
  /** Host name, or the absolute path of a socket's directory. */
  host: string
  port: number
  database: string
  username: string
  password: string
  /** sslmode, application_name and other parameters of the address, without `host` and `port`. */
  parameters: Record<string, string>
}

/**
 * Reads `postgres://user:password@localhost/db?host=/socket/dir&port=5432` (libpq's form, PostgreSQL manual 32.1.1.2): `host` and
 * `port` among the parameters go before those of the address, which cannot hold a path. Throws a Fault that names no password.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new Fault('BAD_REQUEST', 'A database address must look like postgres://user:password@host:5432/name.')
  }
  const { host, port, ...parameters } = Object.fromEntries(url.searchParams)
  return {
    host: host ?? (decodeURIComponent(url.hostname) || 'localhost'),
    port: Number(port ?? (url.port || 5432)),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    username: decodeURIComponent(url.username) || 'postgres',
    password: decodeURIComponent(url.password),
    parameters,
  }
}

/** The same server and login, another database. */
export function withDatabase(text: string, database: string): string {
  const url = new URL(text)
  url.pathname = `/${encodeURIComponent(database)}`
  return url.toString()
}
