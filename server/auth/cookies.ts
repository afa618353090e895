/**
 * The cookies there are. `__Host-` binds each to this host and to TLS (RFC 6265bis section 4.1.3.2). The last two only ever
 * appear on the way through sign-in; pages for information set none (promise P1).
 */
export const COOKIES = {
  session: '__Host-mailtight.session',
  csrf: '__Host-mailtight.csrf',
  after: '__Host-mailtight.after',
} as const

export const COOKIE_OPTIONS = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const

/** The value of one cookie in a Cookie header, or null. The first of several counts, as browsers send the most specific first. */
export function readCookie(header: string | null, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return null
}
