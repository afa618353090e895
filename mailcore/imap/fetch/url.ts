import { BadSyntax, Cursor } from '../wire/cursor'
import { readSection, type Section } from './section'

/** An IMAP URL that names a message or a part of one (RFC 5092), with what URLAUTH adds (RFC 4467). */
export interface MessageUrl {
  /** As the client wrote it. */
  text: string
  /** Whose mailbox, as an address in lower case; undefined for a URL that is relative, or names nobody. */
  user?: string
  /** Did it begin with imap://? */
  absolute: boolean
  /** undefined: the selected mailbox */
  mailbox?: string
  uidValidity?: number
  uid: number
  section: Section
  start: number
  /** bytes */
  count: number
  /** ms since 1970 */
  expiresAt?: number
  /** What the token vouches for: all up to and including the access identifier. */
  rump?: string
  /** Access identifier, its user in lower case: `anonymous`, `user+ann@example.test`. */
  access?: string
  mechanism?: string
  token?: string
}

const WHOLE: Section = { path: [], extent: 'content', names: [], label: '' }
const UID = /^\d{1,10}(?=$|[/;])/
const EXPIRY = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/

/** Reads a URL; undefined for what is none of a message. Printable ASCII only, as URLs are. */
export function readUrl(text: string): MessageUrl | undefined {
  if (!/^[\x21-\x7e]{1,4000}$/.test(text)) return undefined
  const authority = readAuthority(text)
  if (!authority) return undefined
  const { path, ...who } = authority
  const upper = path.toUpperCase()
  const at = upper.indexOf(';UID=')
  const uid = at < 0 ? undefined : UID.exec(path.slice(at + 5))?.[0]
  const place = at < 0 ? undefined : readPlace(path.slice(0, at))
  if (uid === undefined || !place || Number(uid) === 0 || Number(uid) > 4_294_967_295) return undefined
  const rest = readRest(path.slice(at + 5 + uid.length), text)
  // A relative URL stands for itself; one that is absolute names its mailbox.
  if (!rest || (who.absolute && place.mailbox === undefined)) return undefined
  return { text, ...who, ...place, uid: Number(uid), ...rest }
}

/** imap://user@host:port, or nothing. */
function readAuthority(text: string): { absolute: boolean; user?: string; path: string } | undefined {
  if (!/^imap:\/\//i.test(text)) return { absolute: false, path: text }
  const slash = text.indexOf('/', 7)
  if (slash < 0) return undefined
  const authority = text.slice(7, slash)
  const at = authority.lastIndexOf('@')
  // ;AUTH= says how to sign in, which has been done.
  const user = decode(authority.slice(0, Math.max(at, 0)).split(';')[0] ?? '')
  if (user === undefined || at === authority.length - 1) return undefined
  return { absolute: true, path: text.slice(slash), ...(user === '' ? {} : { user: user.toLowerCase() }) }
}

/** `/mailbox;UIDVALIDITY=n/`; `/` or nothing for the selected one. */
function readPlace(text: string): { mailbox?: string; uidValidity?: number } | undefined {
  const found = /^([^;]*?)(?:;UIDVALIDITY=(\d{1,10}))?\/?$/i.exec(text)
  if (!found) return undefined
  const raw = found[1] ?? ''
  const uidValidity = found[2] === undefined ? {} : { uidValidity: Number(found[2]) }
  if (raw === '' || raw === '/') return uidValidity
  const mailbox = raw.startsWith('/') ? decode(raw.slice(1)) : undefined
  if (mailbox === undefined || mailbox === '') return undefined
  return { mailbox: /^inbox(?=\/|$)/i.test(mailbox) ? `INBOX${mailbox.slice(5)}` : mailbox, ...uidValidity }
}

type Rest = Omit<MessageUrl, 'text' | 'user' | 'absolute' | 'mailbox' | 'uidValidity' | 'uid'>

/** `/;SECTION=..`, `/;PARTIAL=..`, `;EXPIRE=..`, `;URLAUTH=..`, in this order, each once at most. */
function readRest(text: string, whole: string): Rest | undefined {
  const names = ['SECTION', 'PARTIAL', 'EXPIRE', 'URLAUTH']
  const found = new Map<string, string>()
  for (const part of text.split(';').slice(1)) {
    const equals = part.indexOf('=')
    const name = part.slice(0, equals).toUpperCase()
    const order = names.indexOf(name)
    if (equals < 0 || order < 0) return undefined
    names.splice(0, order + 1)
    found.set(name, part.slice(equals + 1).replace(/\/$/, ''))
  }
  if (!/^\/?(;|$)/.test(text)) return undefined
  const section = readSectionOf(found.get('SECTION'))
  const partial = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(found.get('PARTIAL') ?? '0')
  const expire = found.get('EXPIRE')
  if (!section || !partial || (expire !== undefined && !EXPIRY.test(expire))) return undefined
  const expiresAt = expire === undefined ? undefined : Date.parse(expire)
  if (Number.isNaN(expiresAt)) return undefined
  const auth = readAuth(found.get('URLAUTH'), whole)
  if (!auth) return undefined
  return {
    section,
    start: Number(partial[1]),
    count: partial[2] === undefined ? Number.POSITIVE_INFINITY : Number(partial[2]),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...auth,
  }
}

function readSectionOf(encoded: string | undefined): Section | undefined {
  if (encoded === undefined) return WHOLE
  const text = decode(encoded)
  if (text === undefined) return undefined
  try {
    const cursor = new Cursor([text])
    const section = readSection(cursor)
    cursor.end()
    return section
  } catch (error) {
    if (error instanceof BadSyntax) return undefined
    throw error
  }
}

type Auth = Pick<MessageUrl, 'rump' | 'access' | 'mechanism' | 'token'>

/** `access`, or `access:mechanism:token` (RFC 4467 section 10). */
function readAuth(text: string | undefined, whole: string): Auth | undefined {
  if (text === undefined) return {}
  const parts = text.split(':')
  const [access = '', mechanism, token] = parts
  if (parts.length === 2 || parts.length > 3) return undefined
  const decoded = decode(access)?.toLowerCase()
  if (decoded === undefined || !/^(anonymous|authuser|(user|submit)\+.+)$/.test(decoded)) return undefined
  const tail = mechanism === undefined ? 0 : text.length - access.length
  const rump = whole.slice(0, whole.length - tail)
  return { rump, access: decoded, ...(mechanism === undefined ? {} : { mechanism: mechanism.toUpperCase(), token }) }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
