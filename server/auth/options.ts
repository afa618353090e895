import type { NextAuthOptions } from 'next-auth'
import CredentialsProvider from 'next-auth/providers/credentials'
import { COOKIE_OPTIONS, COOKIES, readCookie } from '#server/auth/cookies'
import { deviceOf } from '#server/auth/device'
import { nextPath } from '#server/auth/next-path'
import { backend } from '#server/web/backend'

const LONGEST_S = 30 * 24 * 3_600

/**
 * next-auth with sessions of our own. Its database sessions refuse passwords, so it runs with strategy `jwt` and our encode and
 * decode: the "JWT" is an opaque token of 32 random bytes, known to the database by its hash, revocable at any moment.
 * `sub` is that token; it never leaves the server except as the cookie.
 */
export function authOptions(): NextAuthOptions {
  const { authSecret, log } = backend()
  return {
    secret: authSecret,
    session: { strategy: 'jwt', maxAge: LONGEST_S },
    useSecureCookies: true,
    cookies: {
      sessionToken: { name: COOKIES.session, options: COOKIE_OPTIONS },
      csrfToken: { name: COOKIES.csrf, options: COOKIE_OPTIONS },
      callbackUrl: { name: COOKIES.after, options: COOKIE_OPTIONS },
    },
    pages: { signIn: '/sign-in', signOut: '/sign-in', error: '/sign-in' },
    providers: [
      CredentialsProvider({
        name: 'password',
        credentials: { username: {}, password: {} },
        authorize: (credentials, req) => authorize(credentials, req.headers ?? {}),
      }),
    ],
    jwt: {
      encode: async ({ token }) => token?.sub ?? '',
      decode: async ({ token }) => {
        const session = token ? await backend().findSession(token) : null
        return session && token ? { sub: token, kind: session.actor.kind } : null
      },
    },
    callbacks: {
      // next-auth hands absolute addresses to its own client; the path alone comes from outside.
      redirect: async ({ url, baseUrl }) =>
        `${baseUrl}${nextPath(url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url)}`,
      session: async ({ session, token }) => ({ expires: session.expires, kind: token.kind }),
    },
    events: {
      signOut: async ({ token }) => {
        if (token?.sub) await backend().endSession(token.sub)
      },
    },
    // next-auth logs whole errors, requests among them. A dead cookie is no event at all.
    logger: {
      error: (code) => {
        if (code !== 'JWT_SESSION_ERROR') log.warn('next-auth', { code })
      },
      warn: (code) => log.warn('next-auth', { code }),
      debug: () => undefined,
    },
  }
}

/** The thrown message becomes `error` of the answer; see sign-in-text. */
async function authorize(
  credentials: Record<'username' | 'password', string> | undefined,
  headers: Record<string, unknown>,
): Promise<{ id: string }> {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const outcome = await backend().signIn({
    username: text(credentials?.username),
    password: text(credentials?.password),
    peer: text(headers['x-mailtight-peer']) || 'unknown',
    device: deviceOf(text(headers['user-agent'])),
    replaces: readCookie(text(headers.cookie), COOKIES.session),
  })
  if (!outcome.ok) throw new Error(outcome.error)
  return { id: outcome.token }
}
