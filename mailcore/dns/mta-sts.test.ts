import { describe, expect, it } from 'vitest'
import { silentLog } from '#lib/log'
import type { Destinations, StsPolicy } from '#mailcore/ports'
import { createStsPolicies, parsePolicy } from './mta-sts'

const text = (more = '') =>
  `version: STSv1\r\nmode: enforce\r\nmx: MX.ext.test\r\nmx: *.ext.test\r\nmax_age: 604800\r\n${more}`

describe('a policy', () => {
  it('is read by its fields (RFC 8461 3.2)', () => {
    expect(parsePolicy(text('mode: none\r\nfuture: x\r\n'), 'a1')).toEqual({
      id: 'a1',
      mode: 'enforce',
      mx: ['mx.ext.test', '*.ext.test'],
      maxAgeS: 604_800,
    })
    expect(parsePolicy('version: STSv1\nmode: none\nmax_age: 99999999999\n', 'a')).toBeNull()
    expect(parsePolicy('version: STSv1\nmode: none\nmax_age: 9999999999\n', 'a')?.maxAgeS).toBe(31_557_600)
  })
  it.each([
    '',
    '<html>',
    'mode: enforce\nmx: a.b\nmax_age: 1',
    'version: STSv1\nmode: enforce\nmax_age: 1',
    text('mx: a b\r\n'),
  ])('is none in %j', (bad) => {
    expect(parsePolicy(bad, 'a')).toBeNull()
  })
})

describe('a policy that is known', () => {
  const policy: StsPolicy = { id: 'a1', mode: 'enforce', mx: ['mx.ext.test'], maxAgeS: 600 }
  const kept = (until: number): Pick<Destinations, 'policy' | 'keepPolicy'> => ({
    policy: async () => ({ policy, until: new Date(until) }),
    keepPolicy: async () => undefined,
  })
  const of = (txt: () => Promise<string[]>, until = Date.now() + 60_000, addresses: string[] = []) =>
    createStsPolicies({ resolver: { txt, addresses: async () => addresses }, kept: kept(until), log: silentLog }).of(
      'ext.test',
    )

  it('holds although its record has gone, the DNS is away, or its host cannot be reached (RFC 8461 5.1)', async () => {
    expect(await of(async () => [])).toEqual({ policy })
    expect(
      await of(async () => {
        throw new Error('away')
      }),
    ).toEqual({ policy })
    expect(await of(async () => ['v=STSv1; id=a2;'])).toEqual({ policy, problem: 'sts-policy-fetch-error' })
  })
  it('is not fetched from our own network', async () => {
    expect(await of(async () => ['v=STSv1; id=a2;'], 0, ['127.0.0.1'])).toEqual({
      policy: null,
      problem: 'sts-policy-fetch-error',
    })
  })
  it('ends with its time, and is none where a domain has two records', async () => {
    expect(await of(async () => [], 0)).toEqual({ policy: null })
    expect(await of(async () => ['v=STSv1; id=a1;', 'v=STSv1; id=a2;'], 0)).toEqual({ policy: null })
  })
})
