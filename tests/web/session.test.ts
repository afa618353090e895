import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { COOKIE_OPTIONS, COOKIES, readCookie } from '#server/auth/cookies'
import { authOptions } from '#server/auth/options'
import { SYSTEM } from '#server/services'
import { resumeAccount } from '#server/services/account/resume'
import { suspendAccount } from '#server/services/account/suspend'
import { installBackend, type WebBackend } from '#server/web/backend'
import { createBackend } from '#server/web/create-backend'
import { createMatrixWorld, type MatrixWorld, PASSWORD } from '#tests/web/matrix/world'

const ORIGIN = 'https://mail.example:8443'
let w: MatrixWorld
let web: WebBackend

beforeAll(async () => {
  w = await createMatrixWorld(inject('adminUrls'))
  web = createBackend(w.ctx, {
    origins: [ORIGIN],
    authSecret: 'secret of the test',
    tls: { certFile: '', keyFile: '' },
  })
  installBackend(web)
}, 120_000)
afterAll(async () => {
  installBackend(undefined)
  await w.close()
})

const login = (username: string, password = PASSWORD, replaces: string | null = null) =>
  web.signIn({ username, password, replaces, peer: '127.0.0.9', device: 'Firefox on Linux' })

async function tokenOf(username: string, replaces: string | null = null): Promise<string> {
  const outcome = await login(username, PASSWORD, replaces)
  if (!outcome.ok) throw new Error(outcome.error)
  return outcome.token
}

/** A call over /api/trpc as a browser makes it. */
function trpc(
  path: string,
  options: { token?: string; body?: unknown; method?: string; headers?: Record<string, string> } = {},
) {
  const method = options.method ?? 'POST'
  return web.trpc(
    new Request(`${ORIGIN}/api/trpc/${path}`, {
      method,
      headers: {
        ...(method === 'POST' ? { 'content-type': 'application/json', origin: ORIGIN } : {}),
        'sec-fetch-site': 'same-origin',
        ...(options.token ? { cookie: `${COOKIES.session}=${options.token}` } : {}),
        ...options.headers,
      },
      ...(method === 'POST' ? { body: JSON.stringify({ json: options.body ?? null }) } : {}),
    }),
  )
}

describe('sessions (W-06)', () => {
  it.each([
    ['one@a.example', 'subscriber', '/dashboard'],
    ['admin@a.example', 'domain-admin', '/console'],
    ['staff@p.example', 'reseller', '/partner'],
    ['desk@house.example', 'operator', '/operator'],
  ])('signs %s in as %s through the one form', async (username, kind, home) => {
    const token = await tokenOf(username)
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const answer = (await (await trpc('session.current', { token })).json()) as { result: { data: { json: unknown } } }
    expect(answer.result.data.json).toEqual({ kind, home })
  })

  it('answers alike for an unknown address and a wrong password, of accounts and of staff', async () => {
    const answers = [
      await login('nobody@a.example'),
      await login('one@a.example', 'wrong password here'),
      await login('staff@p.example', 'wrong password here'),
      await login('nobody@nowhere.example'),
      await login('not an address'),
    ]
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"ok":false,"error":"credentials"}']),
    )
  })

  it('gives a fresh token at every sign-in and ends the one it replaces', async () => {
    const first = await tokenOf('two@a.example')
    const second = await tokenOf('two@a.example', first)
    expect(second).not.toBe(first)
    expect(await web.findSession(first)).toBeNull()
    expect((await web.findSession(second))?.actor.kind).toBe('subscriber')
  })

  it('holds a suspension at the very next request, and a resume does not bring the old session back', async () => {
    const token = await tokenOf('suspended@a.example')
    expect((await trpc('dashboard.account.get', { token })).status).toBe(200)
    const target = { tenantId: w.a.tenantId, accountId: w.a.suspended, reason: 'test' }
    await suspendAccount(w.ctx, SYSTEM, target)
    expect((await trpc('dashboard.account.get', { token })).status).toBe(401)
    expect(await login('suspended@a.example')).toEqual({ ok: false, error: 'suspended' })
    await resumeAccount(w.ctx, SYSTEM, target)
    expect((await trpc('dashboard.account.get', { token })).status).toBe(401)
    expect((await login('suspended@a.example')).ok).toBe(true)
  })

  it('ends on the server at sign-out, and next-auth knows the dead token no more', async () => {
    const { jwt, events } = authOptions()
    const token = await tokenOf('one@b.example')
    const payload = await jwt?.decode?.({ token, secret: '' })
    expect(payload?.sub).toBe(token)
    expect(await jwt?.encode?.({ token: payload ?? undefined, secret: '' })).toBe(token)
    await events?.signOut?.({ token: payload ?? {} } as never)
    expect(await jwt?.decode?.({ token, secret: '' })).toBeNull()
    expect((await trpc('dashboard.account.get', { token })).status).toBe(401)
  })

  it('shows next-auth nothing but the kind, and sends nobody to another site', async () => {
    const { callbacks, cookies, useSecureCookies } = authOptions()
    expect(useSecureCookies).toBe(true)
    expect(COOKIE_OPTIONS).toEqual({ httpOnly: true, secure: true, sameSite: 'lax', path: '/' })
    for (const cookie of [cookies?.sessionToken, cookies?.csrfToken, cookies?.callbackUrl]) {
      expect(cookie?.name).toMatch(/^__Host-/)
      expect(cookie?.options).toBe(COOKIE_OPTIONS)
    }
    const shown = await callbacks?.session?.({
      session: { expires: 'x' },
      token: { sub: 'secret', kind: 'operator' },
    } as never)
    expect(JSON.stringify(shown)).not.toContain('secret')
    const goal = (url: string) => callbacks?.redirect?.({ url, baseUrl: ORIGIN })
    expect(await goal('https://evil.example/x')).toBe(`${ORIGIN}/`)
    expect(await goal(`${ORIGIN}.evil.example/`)).toBe(`${ORIGIN}/`)
    expect(await goal('//evil.example')).toBe(`${ORIGIN}/`)
    expect(await goal('/dashboard')).toBe(`${ORIGIN}/dashboard`)
  })
})

describe('changes come from our own pages only (W-07)', () => {
  const path = 'dashboard.account.changeProfile'
  const body = { name: 'One' }

  it.each([
    ['a foreign origin', { origin: 'https://evil.example' }, 403],
    ['a null origin', { origin: 'null' }, 403],
    ['a sibling origin', { origin: 'https://evil.mail.example:8443' }, 403],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a sibling site', { 'sec-fetch-site': 'same-site' }, 403],
    ['plain text', { 'content-type': 'text/plain' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 403],
    ['our own page', {}, 200],
  ])('from %s', async (_name, headers, status) => {
    const token = await tokenOf('one@a.example')
    expect((await trpc(path, { token, body, headers })).status).toBe(status)
  })

  it('never by GET, with or without a method override', async () => {
    const token = await tokenOf('one@a.example')
    const input = encodeURIComponent(JSON.stringify({ json: body }))
    const overrides: Record<string, string>[] = [{}, { 'x-http-method-override': 'POST' }]
    for (const headers of overrides) {
      const answer = await trpc(`${path}?input=${input}`, { token, method: 'GET', headers })
      expect([403, 405]).toContain(answer.status)
    }
  })

  it('takes at most ten calls in one request (W-10)', async () => {
    const many = (count: number) => Array.from({ length: count }, () => 'session.current').join(',')
    expect((await trpc(`${many(10)}?batch=1&input=%7B%7D`, { method: 'GET' })).status).toBe(200)
    expect((await trpc(`${many(11)}?batch=1&input=%7B%7D`, { method: 'GET' })).status).toBe(400)
  })
})

describe('errors', () => {
  it('show a public text, a code and the field, never a stack or a path of ours (W-25)', async () => {
    const token = await tokenOf('one@a.example')
    const wrong = await trpc('dashboard.account.changePassword', {
      token,
      body: { current: 'not this one', password: PASSWORD },
    })
    const text = await wrong.text()
    expect(JSON.parse(text)).toMatchObject({ error: { json: { data: { code: 'BAD_REQUEST', field: 'current' } } } })
    const unknown = await (
      await trpc('dashboard.account.changeProfile', { token, body: { name: 'x', role: 'admin' } })
    ).text()
    for (const one of [text, unknown]) expect(one).not.toMatch(/stack|\.ts|node_modules|zod|unrecognized/i)
    expect(unknown).not.toContain('"role"')
  })
})

describe('downloads', () => {
  const get = (path: string, token?: string, headers: Record<string, string> = {}) =>
    new Request(`${ORIGIN}${path}`, {
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(token ? { cookie: `${COOKIES.session}=${token}` } : {}),
        ...headers,
      },
    })

  it('give one the own mailbox, and nobody without a session anything', async () => {
    const token = await tokenOf('one@a.example')
    const own = await web.mbox(get('/api/export/mbox', token))
    expect(own.status).toBe(200)
    expect(own.headers.get('content-disposition')).toMatch(/^attachment; /)
    await own.text()
    expect((await web.mbox(get('/api/export/mbox'))).status).toBe(401)
    expect((await web.mbox(get('/api/export/mbox', token, { 'sec-fetch-site': 'cross-site' }))).status).toBe(403)
    expect((await web.messageDocument(get('/x', token), { folder: 'INBOX', uid: '1' })).status).toBe(404)
    expect((await web.messageDocument(get('/x', token), { folder: 'INBOX', uid: '1 or 1' })).status).toBe(400)
    const at = { folder: 'INBOX', uid: '1', index: '0' }
    expect((await web.attachment(get('/x', token), at)).status).toBe(404)
  })

  it("give an admin an account of the own tenant with a reason, and no other's", async () => {
    const token = await tokenOf('admin@a.example')
    const ask = (fields: Record<string, string>) =>
      web.mbox(
        new Request(`${ORIGIN}/api/export/mbox`, {
          method: 'POST',
          headers: { origin: 'null', 'sec-fetch-site': 'same-origin', cookie: `${COOKIES.session}=${token}` },
          body: new URLSearchParams(fields),
        }),
      )
    const own = await ask({ account: w.a.two, reason: 'asked for by its owner' })
    expect(own.status).toBe(200)
    await own.text()
    expect((await ask({ account: w.a.two })).status).toBe(400)
    expect((await ask({ account: w.b.two, reason: 'no' })).status).toBe(404)
    expect((await ask({ account: w.b.two, tenant: w.b.tenantId, reason: 'no' })).status).toBe(404)
    const ledger = await w.sql`select 1 from audit where account_id = ${w.a.two} and action = 'account.export'`
    expect(ledger).toHaveLength(1)
  })
})

describe('readCookie', () => {
  it('finds a cookie by its whole name', () => {
    expect(readCookie(`a=1; ${COOKIES.session}=x=y; b=2`, COOKIES.session)).toBe('x=y')
    expect(readCookie(`evil${COOKIES.session}=x`, COOKIES.session)).toBeNull()
    expect(readCookie(null, COOKIES.session)).toBeNull()
  })
})
