import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mailUrlsOf, parseSettings, urlOf } from '#lib/env'
import { parseDatabaseUrl, withDatabase } from '#lib/settings/database-url'
import { parseEnvFile, readEnvironment } from '#lib/settings/env-file'

const parse = (env: Record<string, string>) => parseSettings(env, '/srv/mailtight')

describe('settings', () => {
  it('has the ports and places that scripts rely on', () => {
    const settings = parse({})
    expect(settings.home).toBe('/srv/mailtight/.mailtight')
    expect(settings.bind).toBe('127.0.0.1')
    expect(settings.ports).toEqual({
      https: 8443,
      http: 8080,
      mx: 2525,
      lmtp: 2424,
      submission: 2587,
      submissions: 2465,
      imap: 2143,
      imaps: 2993,
      pop3: 2110,
      pop3s: 2995,
      sieve: 4190,
      metrics: 9464,
    })
    expect(settings.regions.map((region) => region.id)).toEqual(['eu', 'ca'])
    expect(settings.seedDemo).toBe(true)
    expect(settings.webUrl).toBe('https://localhost:8443')
  })

  it('shifts every port by the offset, and refuses one that leaves the range', () => {
    const shifted = parse({ MAILTIGHT_PORT_OFFSET: '100' }).ports
    const plain = parse({}).ports
    for (const name of Object.keys(plain) as (keyof typeof plain)[]) expect(shifted[name]).toBe(plain[name] + 100)
    expect(() => parse({ MAILTIGHT_PORT_OFFSET: '60000' })).toThrow(/MAILTIGHT_PORT_OFFSET/)
    expect(() => parse({ MAILTIGHT_PORT_OFFSET: 'x' })).toThrow(/MAILTIGHT_PORT_OFFSET/)
  })

  it('reads the routes of domains, and names an entry that is none', () => {
    expect(parse({}).routes.size).toBe(0)
    const { routes } = parse({ MAILTIGHT_ROUTES: 'Sink.Example=127.0.0.1:2626, b.example=[::1]:25' })
    expect(Object.fromEntries(routes)).toEqual({
      'sink.example': { host: '127.0.0.1', port: 2626 },
      'b.example': { host: '::1', port: 25 },
    })
    for (const wrong of ['sink.example', 'sink.example=127.0.0.1', 'sink.example=host:70000', '=host:25']) {
      expect(() => parse({ MAILTIGHT_ROUTES: wrong })).toThrow(/MAILTIGHT_ROUTES/)
    }
  })

  it('lifts limits for the bench on a loopback address only', () => {
    expect(parse({ MAILTIGHT_LIMITS: 'bench' }).benchLimits).toBe(true)
    expect(parse({ MAILTIGHT_LIMITS: 'bench', BIND: '0.0.0.0' }).benchLimits).toBe(false)
    expect(parse({}).benchLimits).toBe(false)
  })

  it('lets each database override the common administrator', () => {
    const { adminUrls } = parse({ DATABASE_URL: 'postgres://a@h/x', MAIL_CA_DATABASE_URL: 'postgres://b@ca/x' })
    expect(adminUrls).toEqual({
      control: 'postgres://a@h/x',
      keys: 'postgres://a@h/x',
      mail: { eu: 'postgres://a@h/x', ca: 'postgres://b@ca/x' },
    })
  })

  it('names the variable at fault and never its value when it may hold a password', () => {
    expect(() => parse({ DATABASE_URL: 'mysql://root:hunter2@h/x' })).toThrow(/^DATABASE_URL must look like/)
    expect(() => parse({ DATABASE_URL: 'mysql://root:hunter2@h/x' })).not.toThrow(/hunter2/)
    expect(() => parse({ TLS_CERT_FILE: '/c' })).toThrow(/TLS_KEY_FILE/)
    expect(() => parse({ MAILTIGHT_REGIONS: 'e u' })).toThrow(/MAILTIGHT_REGIONS/)
  })

  it('gives a role its addresses, and says which one is missing', () => {
    const settings = parse({ MAILTIGHT_REGIONS: 'eu', MAIL_EU_APP_URL: 'postgres://a@h/eu' })
    expect(mailUrlsOf(settings, 'APP')).toEqual({ eu: 'postgres://a@h/eu' })
    expect(() => urlOf(settings, 'KEYS_APP_URL')).toThrow(/KEYS_APP_URL/)
    expect(() => mailUrlsOf(settings, 'SYSTEM')).toThrow(/MAIL_EU_SYSTEM_URL/)
  })

  it('cannot be changed', () => {
    const settings = parse({})
    expect(() => Object.assign(settings, { bind: '0.0.0.0' })).toThrow(TypeError)
    expect(() => Object.assign(settings.ports, { mx: 25 })).toThrow(TypeError)
  })
})

describe('the .env file', () => {
  it('is read with comments, quotes and dollars', () => {
    const text = `# c\nA=1\nexport B = "two words" # x\nC='#3'\nD=a$b#c\nE=\nF=x # note\nnot a line`
    expect(parseEnvFile(text)).toEqual({ A: '1', B: 'two words', C: '#3', D: 'a$b#c', E: '', F: 'x' })
  })

  it('stands behind the real environment', () => {
    const root = mkdtempSync(join(tmpdir(), 'mt-env-'))
    try {
      writeFileSync(join(root, '.env'), 'BIND=10.0.0.1\nSEED_DEMO=0\n')
      const env = readEnvironment(root, { BIND: '127.0.0.2', SEED_DEMO: '' })
      expect(env).toEqual({ BIND: '127.0.0.2', SEED_DEMO: '0' })
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})

describe('database addresses', () => {
  it('may name the directory of a socket', () => {
    const address = parseDatabaseUrl('postgres://u:p%40ss@localhost/db?host=%2Frun%2Fpg&port=5433&sslmode=disable')
    expect(address).toEqual({
      host: '/run/pg',
      port: 5433,
      database: 'db',
      username: 'u',
      password: 'p@ss',
      parameters: { sslmode: 'disable' },
    })
  })

  it('keep server and login when the database changes', () => {
    expect(withDatabase('postgres://u:p@h:5432/a?host=%2Fs', 'b')).toBe('postgres://u:p@h:5432/b?host=%2Fs')
  })
})
