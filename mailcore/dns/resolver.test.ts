import { describe, expect, it } from 'vitest'
import { createResolver, type Lookup } from './resolver'

const fail = (code: string) => async () => {
  throw Object.assign(new Error(code), { code })
}
const lookup = (more: Partial<Lookup>): Lookup =>
  ({
    resolveMx: fail('ENODATA'),
    resolve4: fail('ENODATA'),
    resolve6: fail('ENODATA'),
    resolveTxt: fail('ENODATA'),
    ...more,
  }) as Lookup

describe('createResolver', () => {
  it('orders mail hosts by preference', async () => {
    const resolveMx = async () => [
      { exchange: 'B.ext.test', priority: 20 },
      { exchange: 'a.ext.test', priority: 10 },
    ]
    expect(await createResolver({ lookup: lookup({ resolveMx }) }).mx('ext.test')).toEqual([
      { host: 'a.ext.test', priority: 10 },
      { host: 'b.ext.test', priority: 20 },
    ])
  })

  it('gives no host for a null MX, and the domain itself where it has only an address', async () => {
    const nullMx = async () => [{ exchange: '', priority: 0 }]
    expect(await createResolver({ lookup: lookup({ resolveMx: nullMx }) }).mx('ext.test')).toEqual([])
    const resolve4 = (async () => ['192.0.2.1']) as unknown as Lookup['resolve4']
    expect(await createResolver({ lookup: lookup({ resolve4 }) }).mx('ext.test')).toEqual([
      { host: 'ext.test', priority: 0 },
    ])
  })

  it('tells "does not exist" from "did not answer"', async () => {
    const gone = createResolver({ lookup: lookup({ resolveMx: fail('ENOTFOUND') }) })
    await expect(gone.mx('ext.test')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    for (const code of ['ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED', 'EREFUSED']) {
      const away = createResolver({ lookup: lookup({ resolveMx: fail(code) }) })
      await expect(away.mx('ext.test')).rejects.toMatchObject({ code: 'UNAVAILABLE', temporary: true })
    }
    const half = createResolver({ lookup: lookup({ resolve6: fail('ESERVFAIL') }) })
    await expect(half.addresses('ext.test')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('follows a fixed route, passes addresses through, joins TXT chunks', async () => {
    const routes = new Map([['demo.test', { host: '127.0.0.1', port: 2599 }]])
    const resolver = createResolver({ routes, lookup: lookup({ resolveTxt: async () => [['a', 'b'], ['c']] }) })
    expect(await resolver.mx('demo.test')).toEqual([{ host: '127.0.0.1', priority: 0, port: 2599 }])
    expect(await resolver.addresses('192.0.2.1')).toEqual(['192.0.2.1'])
    expect(await resolver.txt('x')).toEqual(['ab', 'c'])
  })
})
