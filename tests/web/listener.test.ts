import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '#lib/log'
import { startListener, type WebListener } from '#server/web/listener'
import { BODY_BYTES } from '#server/web/request-guard'
import { testCertificate } from '#tests/helpers/cert'

let listener: WebListener
let dir: string
let healthy = true
/** Requests that came through to the handler. */
const seen: { url: string; headers: Record<string, unknown> }[] = []
const CANONICAL = 'https://mail.example:8443'

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mt-web-'))
  const { cert, key } = await testCertificate()
  const tls = { certFile: join(dir, 'cert.pem'), keyFile: join(dir, 'key.pem') }
  writeFileSync(tls.certFile, cert)
  writeFileSync(tls.keyFile, key)
  listener = await startListener({
    bind: '127.0.0.1',
    httpsPort: 0,
    httpPort: 0,
    origins: [CANONICAL],
    tls,
    log: silentLog,
    health: async () => ({ ok: healthy, version: 'test', roles: { web: 'ready' }, databases: {} }),
    handle: async (req, res) => {
      seen.push({ url: req.url ?? '', headers: { ...req.headers } })
      if (req.url === '/throws') throw new Error('secret words')
      // A handler that would weaken what stands: its own policy, a cacheable page, its own name.
      res.writeHead(200, { 'content-security-policy': 'default-src *', 'cache-control': 'public', 'x-powered-by': 'x' })
      res.end('page')
    },
  })
})

afterAll(async () => {
  await listener.stop()
  rmSync(dir, { recursive: true, force: true })
})

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; plain?: boolean } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = options.plain ? httpRequest : httpsRequest
    const req = send(
      {
        host: '127.0.0.1',
        port: options.plain ? listener.httpPort : listener.httpsPort,
        path,
        method: options.method ?? 'GET',
        headers: { host: 'mail.example:8443', ...options.headers },
        rejectUnauthorized: false,
        agent: false,
      },
      (res) => {
        let body = ''
        res.setEncoding('utf8')
        res.on('data', (text: string) => {
          body += text
        })
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }))
      },
    )
    req.on('error', reject)
    req.end(options.body)
  })
}

/** Sends bytes as they are over TLS and gives back the first line of the answer and its headers. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = ''
    const socket = connect({ host: '127.0.0.1', port: listener.httpsPort, rejectUnauthorized: false }, () =>
      socket.write(text),
    )
    socket.setEncoding('utf8')
    socket.on('data', (data: string) => {
      got += data
    })
    socket.on('close', () => resolve(got))
    socket.on('error', reject)
  })
}

function expectSecurityHeaders(headers: Record<string, unknown>): void {
  expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains; preload')
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBe('no-referrer')
  expect(headers['cross-origin-opener-policy']).toBe('same-origin')
  expect(headers['cross-origin-resource-policy']).toBe('same-origin')
  expect(headers['permissions-policy']).toContain('geolocation=()')
  const policy = String(headers['content-security-policy'])
  for (const part of ["default-src 'none'", "base-uri 'none'", 'frame-ancestors ']) expect(policy).toContain(part)
  expect(policy).not.toContain('unsafe-eval')
  expect(headers['x-powered-by']).toBeUndefined()
}

describe('headers (W-15)', () => {
  it.each([
    ['/', 200],
    ['/api/live', 200],
    ['/api/health', 200],
    ['/throws', 500],
    ['/_next/image?url=x', 404],
    ['/api/trpc/x', 200],
  ])('stand on %s', async (path, status) => {
    const answer = await ask(path)
    expect(answer.status).toBe(status)
    expectSecurityHeaders(answer.headers)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).not.toContain('secret words')
  })

  it('gives every page a nonce of its own, the same to the handler as to the browser', async () => {
    const nonces = new Set<string>()
    for (let i = 0; i < 3; i += 1) {
      const policy = String((await ask('/')).headers['content-security-policy'])
      expect(seen.at(-1)?.headers['content-security-policy']).toBe(policy)
      expect(policy).not.toContain('unsafe-inline')
      nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? '')
    }
    expect(nonces.size).toBe(3)
  })

  it("puts a stranger's HTML in a sandbox without scripts, framed by us only", async () => {
    const answer = await ask('/api/mail/0190/7/html')
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/)
    expect(policy).toContain("frame-ancestors 'self'")
    expect(policy).not.toMatch(/allow-scripts|allow-same-origin|https?:/)
  })

  it('lets what the build named by content be cached', async () => {
    expect((await ask('/_next/static/a.js')).headers['cache-control']).toBe('public')
  })
})

describe('requests', () => {
  it('loses every header that only a proxy or Next may set, and names the real peer', async () => {
    const forged = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=203.0.113.9',
      'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware',
      'x-nextjs-data': '1',
      'x-invoke-path': '/operator',
      'x-mailtight-peer': '203.0.113.9',
    }
    expect((await ask('/echo', { headers: forged })).status).toBe(200)
    const headers = seen.at(-1)?.headers ?? {}
    expect(headers['x-mailtight-peer']).toBe('127.0.0.1')
    expect(JSON.stringify(headers)).not.toMatch(/203\.0\.113\.9|evil\.example|subrequest|nextjs-data|invoke/)
  })

  it.each([
    ['absolute form', 'GET http://127.0.0.1:5432/ HTTP/1.1\r\nHost: mail.example:8443\r\nConnection: close\r\n\r\n'],
    ['a double slash', 'GET //evil.example/ HTTP/1.1\r\nHost: mail.example:8443\r\nConnection: close\r\n\r\n'],
    ['upgrade', 'GET / HTTP/1.1\r\nHost: mail.example:8443\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['connect', 'CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: mail.example:8443\r\n\r\n'],
    ['no HTTP', 'EHLO there\r\n\r\n'],
  ])('refuses %s with 400', async (_name, text) => {
    const before = seen.length
    const answer = await raw(text)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.toLowerCase()).toContain('strict-transport-security: max-age=63072000')
    expect(seen.length).toBe(before)
  })

  it('refuses bodies over the cap, bodies without a length, and other methods', async () => {
    const before = seen.length
    const tooLarge = { 'content-length': String(BODY_BYTES.other + 1) }
    expect((await ask('/api/trpc/a.b', { method: 'POST', headers: tooLarge })).status).toBe(413)
    const upload = { 'content-length': String(BODY_BYTES.upload + 1) }
    expect((await ask('/api/trpc/dashboard.mail.send', { method: 'POST', headers: upload })).status).toBe(413)
    const chunked = { 'transfer-encoding': 'chunked' }
    expect((await ask('/api/trpc/a.b', { method: 'POST', headers: chunked, body: '{}' })).status).toBe(411)
    expect((await ask('/', { method: 'PUT' })).status).toBe(405)
    expect(seen.length).toBe(before)
    const allowed = { 'content-length': '2' }
    expect((await ask('/api/trpc/a.b', { method: 'POST', headers: allowed, body: '{}' })).status).toBe(200)
  })

  it('answers only under its own name, and never builds an address from a forged one', async () => {
    const answer = await ask('/sign-in?next=/x', { headers: { host: 'evil.example' } })
    expect(answer.status).toBe(308)
    expect(answer.headers.location).toBe(`${CANONICAL}/sign-in?next=/x`)
    expectSecurityHeaders(answer.headers)
    const post = await ask('/sign-in', { method: 'POST', headers: { host: 'evil.example', 'content-length': '0' } })
    expect(post.status).toBe(421)
  })

  it('says 503 and each state when a role is away, and stays alive', async () => {
    healthy = false
    const health = await ask('/api/health', { headers: { host: '127.0.0.1' } })
    healthy = true
    expect(health.status).toBe(503)
    expect(JSON.parse(health.body)).toMatchObject({ ok: false, roles: { web: 'ready' } })
    expect(JSON.parse((await ask('/api/live')).body)).toEqual({ live: true })
  })
})

describe('plain HTTP (P8, T-04)', () => {
  it('redirects to the configured origin whatever the Host header says, without a cookie', async () => {
    const answer = await ask('/dashboard?a=1', { plain: true, headers: { host: 'evil.example' } })
    expect(answer.status).toBe(308)
    expect(answer.headers.location).toBe(`${CANONICAL}/dashboard?a=1`)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.body).toContain('too old')
    expect(answer.body).not.toContain('evil')
    expectSecurityHeaders(answer.headers)
  })

  it('refuses absolute form', async () => {
    expect((await ask('http://evil.example/', { plain: true })).status).toBe(400)
  })
})

describe('TLS (P8, T-02)', () => {
  const handshake = (options: ConnectionOptions) =>
    new Promise<string | null>((resolve) => {
      const socket = connect(
        { ...options, host: '127.0.0.1', port: listener.httpsPort, rejectUnauthorized: false },
        () => {
          resolve(socket.getProtocol())
          socket.destroy()
        },
      )
      socket.on('error', () => resolve(null))
    })

  it('speaks 1.2 and 1.3 with forward secrecy and AEAD only', async () => {
    expect(await handshake({ maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' })).toBe('TLSv1.2')
    expect(await handshake({ minVersion: 'TLSv1.3' })).toBe('TLSv1.3')
    const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    expect(await handshake(old)).toBeNull()
    const cbc: ConnectionOptions = {
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-SHA:AES128-SHA:AES128-GCM-SHA256',
    }
    expect(await handshake(cbc)).toBeNull()
  })
})
