import { createServer, request, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '#server/services'
import { addDomain } from '#server/services/domain/add'
import { setDomainMtaSts } from '#server/services/domain/set-mta-sts'
import { createPolicyHosts, policyHostOf } from '#server/web/policy-hosts'
import { createWorld, type World } from '#tests/helpers/world'

let w: World
let server: Server
let port = 0
let domain: string
beforeAll(async () => {
  w = await createWorld()
  const { tenant } = await w.makeHouse()
  const made = await w.makeDomain(tenant.id)
  domain = made.name
  await addDomain(w.ctx, SYSTEM, { tenantId: tenant.id, name: 'waiting.example' })
  await setDomainMtaSts(w.ctx, SYSTEM, { tenantId: tenant.id, domainId: made.id, mode: 'enforce' })
  const handle = createPolicyHosts(w.db, 'mail.test')
  server = createServer((req, res) => {
    const host = policyHostOf(req)
    if (host) void handle(req, res, host)
    else res.writeHead(418).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = server.address()
  port = typeof at === 'object' && at ? at.port : 0
}, 60_000)
afterAll(async () => {
  server.close()
  await w.close()
})

const ask = (host: string, path: string, body?: string) =>
  new Promise<{ status: number; type: string; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const headers = { host, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) }
    const req = request({ host: '127.0.0.1', port, path, method, headers }, (res) => {
      let text = ''
      res.on('data', (piece) => {
        text += String(piece)
      })
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          type: res.headers['content-type'] ?? '',
          headers: res.headers,
          body: text,
        }),
      )
    })
    req.on('error', reject)
    req.end(body)
  })

describe('policy hosts', () => {
  it('give the policy of a verified domain as text', async () => {
    const found = await ask(`mta-sts.${domain}`, '/.well-known/mta-sts.txt')
    expect(found.status).toBe(200)
    expect(found.type).toMatch(/^text\/plain/)
    expect(found.body).toBe('version: STSv1\r\nmode: enforce\r\nmx: mail.test\r\nmax_age: 1209600\r\n')
    expect(found.headers['set-cookie']).toBeUndefined()
  })

  it.each([
    ['mta-sts.stranger.example', '/.well-known/mta-sts.txt'],
    ['mta-sts.waiting.example', '/.well-known/mta-sts.txt'],
    ['autoconfig.stranger.example', '/mail/config-v1.1.xml'],
    ['autodiscover.stranger.example', '/autodiscover/autodiscover.xml'],
  ])('have nothing for %s', async (host, path) => {
    expect((await ask(host, path)).status).toBe(404)
  })

  it('have nothing under other paths, of other services too', async () => {
    expect((await ask(`mta-sts.${domain}`, '/')).status).toBe(404)
    expect((await ask(`mta-sts.${domain}`, '/mail/config-v1.1.xml')).status).toBe(404)
    expect((await ask(`autoconfig.${domain}`, '/dashboard')).status).toBe(404)
    expect((await ask(`mta-sts.${domain}`, '/constructor')).status).toBe(404)
  })

  it('let Thunderbird set itself up', async () => {
    for (const path of [
      '/mail/config-v1.1.xml?emailaddress=a%40b.example',
      '/.well-known/autoconfig/mail/config-v1.1.xml',
    ]) {
      const { status, type, body } = await ask(`AUTOCONFIG.${domain}:443`, path)
      expect([status, type]).toEqual([200, 'text/xml; charset=utf-8'])
      expect(body).toContain(`<domain>${domain}</domain>`)
      expect(body).toMatch(
        /<incomingServer type="imap">\s*<hostname>mail\.test<\/hostname>\s*<port>993<\/port>\s*<socketType>SSL/,
      )
      expect(body).not.toContain('b.example')
    }
  })

  it('let Outlook set itself up by POST, whatever the address, and by version 2', async () => {
    const question = (address: string) =>
      `<Autodiscover><Request><EMailAddress>${address}</EMailAddress></Request></Autodiscover>`
    const path = '/Autodiscover/Autodiscover.xml'
    const nobody = await ask(`autodiscover.${domain}`, path, question(`nobody@${domain}`))
    expect(nobody.status).toBe(200)
    expect(nobody.body).toContain(`<LoginName>nobody@${domain}</LoginName>`)
    const evil = await ask(`autodiscover.${domain}`, path, question(`"'x@${domain}`))
    expect(evil.body).toContain(`<LoginName>&quot;&apos;x@${domain}</LoginName>`)
    const none = await ask(
      `autodiscover.${domain}`,
      path,
      '<!DOCTYPE x [<!ENTITY y "z">]><EMailAddress>&y;</EMailAddress>',
    )
    expect(none.body).not.toContain('LoginName')
    expect((await ask(`autodiscover.${domain}`, path, 'x'.repeat(20_000))).status).toBe(413)
    const json = await ask(
      `autodiscover.${domain}`,
      '/autodiscover/autodiscover.json?Email=a@b.example&Protocol=AutodiscoverV1',
    )
    expect(JSON.parse(json.body)).toEqual({
      Protocol: 'AutodiscoverV1',
      Url: `https://autodiscover.${domain}/autodiscover/autodiscover.xml`,
    })
  })

  it('are no others', async () => {
    expect((await ask(domain, '/.well-known/mta-sts.txt')).status).toBe(418)
    expect((await ask('mta-sts.localhost', '/x')).status).toBe(418)
  })
})
