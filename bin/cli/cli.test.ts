import { describe, expect, it } from 'vitest'
import { parseCommand, usageOf } from '#bin/cli/args'
import { render } from '#bin/cli/output'
import { sentenceOf } from '#bin/cli/sentence'
import { COMMANDS } from '#bin/cli/table'
import { ROLE_NAMES, ROLES, roleEnvironment } from '#bin/roles'
import { parseSettings } from '#lib/env'
import { Fault } from '#lib/errors'

const parse = (line: string) => parseCommand(line.split(' '), COMMANDS)

describe('arguments', () => {
  it('are read as the command says', () => {
    const parsed = parse('account terminate a@b.test --reason closed --now --receipt /tmp/r --json')
    expect(parsed.spec.words).toBe('account terminate')
    expect(parsed.positionals).toEqual(['a@b.test'])
    expect(parsed.options).toEqual({ reason: 'closed', receipt: '/tmp/r' })
    expect(parsed.flags).toEqual({ now: true })
    expect(parsed.json).toBe(true)
    expect(parse('account create a@b.test --password-stdin').passwordStdin).toBe(true)
  })

  it.each([
    ['nothing here', /no such command/],
    ['account suspend a@b.test', /--reason is missing/],
    ['account suspend --reason x', /takes ADDRESS/],
    ['status --wrong', /--wrong/],
    ['status --password-stdin', /--password-stdin/],
    ['account create a@b.test extra', /takes ADDRESS/],
  ])('refuse "%s" in one line', (line, expected) => {
    expect(() => parse(line)).toThrow(expected)
    expect(() => parse(line)).not.toThrow(/\n/)
  })

  it('do not show a password that was given as an argument', () => {
    expect(() => parse('account create a@b.test --password=hunter2secret')).toThrow(Fault)
    expect(() => parse('account create a@b.test --password=hunter2secret')).not.toThrow(/hunter2/)
  })

  it('take the caps of a reseller and of a tenant', () => {
    const caps = '--seats 5 --storage-gb 100 --domains 3'
    const given = { seats: '5', 'storage-gb': '100', domains: '3' }
    expect(parse(`reseller create --name R ${caps}`).options).toMatchObject(given)
    expect(parse(`tenant create --reseller r --name T --region eu ${caps}`).options).toMatchObject(given)
  })

  it('have a usage line', () => {
    const spec = COMMANDS.find(({ words }) => words === 'domain add')
    expect(spec && usageOf(spec)).toBe('mailtight domain add --tenant TENANT --name NAME [--verified] [--json]')
  })
})

describe('output', () => {
  it('is one JSON value', () => {
    expect(JSON.parse(render({ id: 'x', n: 5n, big: 2n ** 60n }, true))).toEqual({
      id: 'x',
      n: 5,
      big: String(2n ** 60n),
    })
    expect(render(undefined, true)).toBe('null\n')
    expect(JSON.parse(render([], true))).toEqual([])
  })
  it('is a table for people', () => {
    expect(
      render(
        [
          { a: 1, b: 'long' },
          { a: 22, b: null },
        ],
        false,
      ),
    ).toBe('a   b\n1   long\n22  -\n')
  })
})

describe('sentences', () => {
  const withCode = (code: string) => Object.assign(new Error('secret detail'), { code })
  it.each([
    ['ENOSPC', /disk is full/],
    ['28P01', /user or the password of DATABASE_URL/],
    ['ECONNREFUSED', /DATABASE_URL/],
    ['42501', /permission/],
    ['EACCES', /Permission denied/],
    ['XX000', /XX000/],
  ])('name the cause of %s and no detail', (code, expected) => {
    expect(sentenceOf(withCode(code))).toMatch(expected)
    expect(sentenceOf(new Error('outer', { cause: withCode(code) }))).not.toMatch(/secret detail|\n/)
  })
})

describe('the environment of a role', () => {
  const settings = parseSettings({ MAILTIGHT_HOME: '/srv/mt' }, '/srv')
  const urls = Object.fromEntries(
    ['CONTROL_APP', 'CONTROL_LOOKUP', 'CONTROL_SYSTEM', 'KEYS_APP']
      .concat(['EU', 'CA'].flatMap((region) => ['APP', 'DELIVERY', 'SYSTEM'].map((door) => `MAIL_${region}_${door}`)))
      .map((name) => [`${name}_URL`, 'postgres://x']),
  )
  const from = {
    PATH: '/bin',
    DATABASE_URL: 'postgres://admin',
    AWS_SECRET: 'x',
    MAILTIGHT_LOG: 'warn',
  } as unknown as NodeJS.ProcessEnv
  const of = (role: (typeof ROLE_NAMES)[number]) => roleEnvironment(ROLES[role], role, { settings, urls, from })
  const urlsOf = (role: (typeof ROLE_NAMES)[number]) =>
    Object.keys(of(role))
      .filter((name) => name.endsWith('_URL'))
      .sort()

  it('gives the doors for mail no key and no way to read', () => {
    const expected = ['CONTROL_LOOKUP_URL', 'MAIL_CA_DELIVERY_URL', 'MAIL_EU_DELIVERY_URL']
    for (const role of ['mx', 'submission'] as const) {
      expect(urlsOf(role)).toEqual(expected)
      expect(of(role).ROOT_KEY_FILE).toBe('/dev/null')
    }
  })
  it('gives IMAP no other door than its own', () => {
    expect(urlsOf('imap')).toEqual([
      'CONTROL_APP_URL',
      'CONTROL_LOOKUP_URL',
      'KEYS_APP_URL',
      'MAIL_CA_APP_URL',
      'MAIL_EU_APP_URL',
    ])
  })
  it('never passes on an administrator or what is not ours', () => {
    for (const role of ROLE_NAMES) {
      expect(of(role)).not.toHaveProperty('DATABASE_URL')
      expect(of(role)).not.toHaveProperty('AWS_SECRET')
      expect(of(role)).toMatchObject({
        PATH: '/bin',
        MAILTIGHT_LOG: 'warn',
        MAILTIGHT_HOME: '/srv/mt',
        MAILTIGHT_ROLE: role,
      })
    }
    expect(urlsOf('web')).toEqual(Object.keys(urls).sort())
  })
})
