import { codeOf, Fault } from '#lib/errors'

const text = (error: unknown, name: string): string | undefined => {
  const value = error instanceof Error ? (Reflect.get(error, name) as unknown) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** What can go wrong on a machine, by the code that node, postgres.js or PostgreSQL gives it. */
function known(error: unknown): string | undefined {
  const where = text(error, 'path') ?? text(error, 'dest')
  switch (text(error, 'code')) {
    case 'ENOSPC':
    case '53100':
      return 'The disk is full: free some space and start again.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `Permission denied at ${where ?? 'a file of this instance'}: the user who runs MailTight must be allowed to write there.`
    case 'EMFILE':
      return 'Too many open files: raise the limit (ulimit -n) and start again.'
    case 'EADDRINUSE':
      return `Port ${text(error, 'port') ?? ''} is in use: stop what uses it, or shift all ports with MAILTIGHT_PORT_OFFSET.`
    case 'EADDRNOTAVAIL':
      return 'The address in BIND does not belong to this machine: set BIND to one that does.'
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'ETIMEDOUT':
    case 'CONNECT_TIMEOUT':
    case 'CONNECTION_CLOSED':
      return 'No database server answers at the address of DATABASE_URL: check host, port and that it runs.'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The host named in DATABASE_URL cannot be found: check its spelling and the network.'
    case '28P01':
    case '28000':
      return 'The database refuses the user or the password of DATABASE_URL.'
    case '3D000':
      return 'The database named in DATABASE_URL does not exist on that server.'
    case '42501':
      return 'The user of DATABASE_URL lacks a permission: it must be allowed to create databases and roles.'
    case '53300':
      return 'The database server has no connection left: raise its max_connections.'
    default:
      return undefined
  }
}

/** Any failure as one line for a person: a Fault's own words, a known cause, or at the least its code. Never a stack. */
export function sentenceOf(error: unknown): string {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (e instanceof Fault && e.code !== 'INTERNAL') return e.message
    const sentence = known(e)
    if (sentence) return sentence
  }
  if (error instanceof Fault) return `${error.message} (${error.internal})`
  return `Something unexpected went wrong (${codeOf(error)}).`
}
