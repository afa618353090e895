/**
 * What SASL clients send, decoded (RFC 4422 mechanisms PLAIN, OAUTHBEARER, XOAUTH2). One rule for all doors: whatever is not exactly what the
 * grammar says is null, so that two programs never read two names out of one message. Length is bounded by the doors, which bound their lines.
 */

const KVSEP = '\u0001'

/**
 * The bytes of a base64 text (RFC 4648 section 4), or null. Strict: no white space, no line break, no url alphabet, full padding, no bits left
 * over (3.5). '' is no bytes; the `=` by which a protocol says "empty initial response" (RFC 4959 section 3) is the door's to know.
 */
export function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null
  const bytes = Buffer.from(text, 'base64')
  // Node skips what it does not know and stops at the first `=`; only the canonical text comes out of encoding again as it went in.
  return bytes.toString('base64') === text ? bytes : null
}

export interface PlainMessage {
  /** Whom to act as; '' for the one who signs in. */
  authzid: string
  /** Who signs in. */
  authcid: string
  password: string
}

/** PLAIN's one message (RFC 4616 section 2): `[authzid] NUL authcid NUL passwd` in UTF-8; name and password are never empty. */
export function parsePlain(message: Buffer): PlainMessage | null {
  const text = utf8(message)
  if (text === null) return null
  const parts = text.split('\0')
  const [authzid, authcid, password] = parts
  if (parts.length !== 3 || authzid === undefined || !authcid || !password) return null
  return { authzid, authcid, password }
}

export interface OAuthBearerMessage {
  /** The address the client claims; '' when it names none. */
  authzid: string
  token: string
  /** Where the client believes to be connected, as it wrote it. */
  host?: string
  /** Decimal, 1 to 65535. */
  port?: string
}

/**
 * OAUTHBEARER's first message (RFC 7628 section 3.1): GS2 header, then key=value pairs of which `auth` must be there. Keys we do not know are
 * skipped; a key twice is refused. Channel binding is not offered, so a header that asks for it (`p=`) or for another mechanism (`F`) is refused.
 * The lone %x01 with which a client ends a failed exchange (3.2.3) is null here too.
 */
export function parseOAuthBearer(message: Buffer): OAuthBearerMessage | null {
  const text = utf8(message)
  if (text === null || text.includes('\0')) return null
  const end = text.indexOf(KVSEP)
  if (end < 0) return null
  const header = /^[ny],(?:a=([^,]+))?,$/u.exec(text.slice(0, end))
  const authzid = header?.[1] === undefined ? '' : decodeSaslName(header[1])
  const pairs = readPairs(text.slice(end + 1))
  const token = pairs && bearerOf(pairs.get('auth'))
  if (!header || authzid === null || !pairs || !token) return null
  const [host, port] = [pairs.get('host'), pairs.get('port')]
  if (port !== undefined && !(/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535)) return null
  return { authzid, token, ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) }
}

export interface XOAuth2Message {
  /** The address the client claims; never ''. */
  user: string
  token: string
}

/** XOAUTH2's one message (Google's, documented at developers.google.com/gmail/imap/xoauth2-protocol): `user=... %x01 auth=Bearer ... %x01 %x01`. */
export function parseXOAuth2(message: Buffer): XOAuth2Message | null {
  const text = utf8(message)
  if (text === null || text.includes('\0')) return null
  const pairs = readPairs(text)
  const user = pairs?.get('user')
  const token = bearerOf(pairs?.get('auth'))
  return user && token && pairs?.size === 2 ? { user, token } : null
}

/**
 * What a server says on a failed OAUTHBEARER or XOAUTH2 before the client gives up (RFC 7628 section 3.2.2), in base64. The client answers
 * with %x01 or nothing, and only then comes the refusal. It says the same whatever was wrong.
 */
export const oauthFailure = (): string =>
  Buffer.from(JSON.stringify({ status: 'invalid_token', scope: 'mail' })).toString('base64')

/** A saslname (RFC 5801 section 4): `=2C` for a comma, `=3D` for an equals sign, and no other use of either. */
function decodeSaslName(name: string): string | null {
  if (name.includes(',') || /=(?!2C|3D)/.test(name)) return null
  return name.replace(/=2C|=3D/g, (escaped) => (escaped === '=2C' ? ',' : '='))
}

/** `*kvpair kvsep`: each pair ended by %x01, the whole by one more. Null when it is anything else or a key comes twice. */
function readPairs(text: string): Map<string, string> | null {
  const parts = text.split(KVSEP)
  if (parts.pop() !== '' || parts.pop() !== '') return null
  const pairs = new Map<string, string>()
  for (const part of parts) {
    // Printable ASCII and SP, HTAB, CR, LF (3.1); what lies beyond ASCII too, since XOAUTH2 has its user here.
    const pair = /^([A-Za-z]+)=([^\p{Cc}]|[\t\r\n])*$/u.test(part) ? part : null
    const at = pair?.indexOf('=') ?? -1
    if (pair === null || pairs.has(pair.slice(0, at))) return null
    pairs.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return pairs
}

/** The token of `Bearer <b64token>` (RFC 6750 section 2.1); the scheme's case does not matter (RFC 9110 section 11.1). */
const bearerOf = (auth: string | undefined): string | null => {
  const found = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(auth ?? '')
  return found?.[1] ?? null
}

/** Text of valid UTF-8 (no overlong form, no surrogate; a byte order mark is kept as any character), else null. */
function utf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
