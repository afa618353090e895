import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { INITIAL_MAIL_POLICY } from '#lib/mail-policy'
import type { WhenDown } from '#lib/settings/mail'
import { createBreaker } from './breaker'
import { createClamd, readVerdict } from './clamd'
import { readOpinion } from './rspamd'
import { fakeRules, inspected, mailFrom, recipientOf, setUp, TENANT } from './testing'

const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A program in rspamd's place; resolves with where it is. */
const rspamd = async (answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void) => {
  const port = await listen(
    createHttpServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => answer(request, response, Buffer.concat(chunks)))
    }),
  )
  return `http://127.0.0.1:${port}`
}
const points =
  (score: number, action = 'no action') =>
  (_: IncomingMessage, response: ServerResponse) =>
    response.end(JSON.stringify({ score, action, required_score: 15, symbols: {} }))

/** A program in clamd's place: `answer` when the whole stream has come. */
const clamd = (answer: (socket: Socket, content: Buffer) => void) =>
  listen(
    createServer((socket) => {
      let heard = Buffer.alloc(0)
      socket.on('data', (chunk) => {
        heard = Buffer.concat([heard, chunk as Buffer])
        const content: Buffer[] = []
        for (let at = 10; at + 4 <= heard.length; ) {
          const length = heard.readUInt32BE(at)
          if (length === 0) return answer(socket, Buffer.concat(content))
          content.push(heard.subarray(at + 4, at + 4 + length))
          at += 4 + length
        }
      })
    }),
  )

const message = mailFrom('bob@sender.test')
const scan = (scanners: { rspamd?: string; clamd?: number }, whenDown: WhenDown, rules = fakeRules()) =>
  setUp({
    rules,
    scanners: {
      rspamd: scanners.rspamd === undefined ? null : { url: scanners.rspamd, whenDown },
      clamd: scanners.clamd === undefined ? null : { host: '127.0.0.1', port: scanners.clamd, whenDown },
      timeoutMs: 150,
    },
  })

describe('rspamd', () => {
  it('is told where the mail comes from and whom it is for, and gets the message as it came', async () => {
    let heard: [IncomingMessage, Buffer] | undefined
    const url = await rspamd((request, response, body) => {
      heard = [request, body]
      points(1)(request, response)
    })
    const one = inspected(message, { recipients: [recipientOf('ann@here.test'), recipientOf('bob@here.test')] })
    const verdict = await scan({ rspamd: url }, 'accept').inspect(one)
    expect(verdict.fields).toContain('X-Spam-Status: No, score=1.0\r\n')
    expect(heard?.[1].equals(message)).toBe(true)
    const { headers, url: path, method } = heard?.[0] ?? {}
    expect([method, path]).toEqual(['POST', '/checkv2'])
    expect(headers).toMatchObject({
      ip: '192.0.2.1',
      helo: 'out.sender.test',
      from: 'bob@sender.test',
      rcpt: 'ann@here.test, bob@here.test',
    })
    expect(Object.keys(headers ?? {}).filter((name) => /user|subject/.test(name))).toEqual([])
  })

  it('gives points; what they mean, the tenant says', async () => {
    const rules = fakeRules()
    const at = async (score: number, action?: string) => {
      const verdict = await scan({ rspamd: await rspamd(points(score, action)) }, 'accept', rules).inspect(
        inspected(message),
      )
      return verdict.action === 'refuse' ? verdict.reply?.code : ([...verdict.into.values()][0]?.folder ?? 'inbox')
    }
    expect([await at(5.9), await at(6), await at(14.9), await at(15), await at(0, 'reject')]).toEqual([
      'inbox',
      'junk',
      'junk',
      550,
      550,
    ])
    rules.policies.set(TENANT, {
      ...INITIAL_MAIL_POLICY,
      spam: 'quarantine',
      junkScoreTenths: 30,
      rejectScoreTenths: 40,
    })
    expect([await at(3), await at(4)]).toEqual(['quarantine', 550])
    rules.hits = [
      { tenantId: TENANT, accountId: null, level: 1, action: 'allow', trait: 0, address: 'bob@sender.test' },
    ]
    expect(await at(30)).toBe('inbox')
  })
})

describe('clamd', () => {
  const said = (line: string) => clamd((socket) => socket.end(`${line}\0`))

  it('gets the message whole, in pieces; a virus is refused even from whom a rule lets in', async () => {
    const big = mailFrom('bob@sender.test', `X: y\r\n\r\n${'0123456789abcde\r\n'.repeat(30_000)}`)
    let heard: Buffer | undefined
    const port = await clamd((socket, content) => {
      heard = content
      socket.end('stream: Some.Virus-1 FOUND\0')
    })
    const rules = fakeRules()
    rules.hits = [
      { tenantId: TENANT, accountId: null, level: 0, action: 'allow', trait: 0, address: 'bob@sender.test' },
    ]
    const verdict = await scan({ clamd: port }, 'defer', rules).inspect(inspected(big))
    expect(verdict).toMatchObject({ action: 'refuse', reply: { code: 550, enhanced: '5.7.1' } })
    expect(verdict.findings).toContainEqual({ check: 'clamd', result: 'found', about: 'Some.Virus-1' })
    expect(heard?.equals(big)).toBe(true)
    expect((await scan({ clamd: await said('stream: OK') }, 'defer').inspect(inspected(message))).action).toBe('accept')
  })

  it('what is over its own limit counts as not examined', async () => {
    const port = await said('INSTREAM size limit exceeded. ERROR')
    expect((await scan({ clamd: port }, 'defer').inspect(inspected(message))).action).toBe('defer')
  })
})

/** Reliability R-22: a scanner in each state of trouble, under each setting. */
describe('a scanner that is down', () => {
  const troubles: Record<string, { http: () => Promise<string>; clamd: () => Promise<number> }> = {
    refused: { http: async () => 'http://127.0.0.1:9', clamd: async () => 9 },
    hang: { http: () => rspamd(() => undefined), clamd: () => clamd(() => undefined) },
    garbage: {
      http: () => rspamd((_, response) => response.end('\0{"score": "much"}')),
      clamd: () => clamd((socket) => socket.end('220 mail.example ESMTP\r\n')),
    },
    'error 500': {
      http: () => rspamd((_, response) => response.writeHead(500).end('{"score":0,"action":"no action"}')),
      clamd: () => clamd((socket) => socket.end('stream: Broken ERROR\0')),
    },
    'hangs up': {
      http: () => rspamd((request) => request.socket.destroy()),
      clamd: () => clamd((socket) => socket.destroy()),
    },
    'never ends': {
      http: () => rspamd((_, response) => response.write('{"score":')),
      clamd: () => clamd((socket) => socket.write('x'.repeat(100_000))),
    },
  }
  for (const [name, trouble] of Object.entries(troubles)) {
    it(`${name}: rspamd accepts marked or defers`, async () => {
      const url = await trouble.http()
      const accepted = await scan({ rspamd: url }, 'accept').inspect(inspected(message))
      expect(accepted).toMatchObject({ action: 'accept', into: new Map() })
      expect(accepted.fields).toContain('X-Spam-Status: unscanned\r\n')
      expect(accepted.findings).toContainEqual({ check: 'rspamd', result: 'down' })
      const deferred = await scan({ rspamd: url }, 'defer').inspect(inspected(message))
      expect(deferred).toMatchObject({ action: 'defer', reply: { code: 451, enhanced: '4.7.1' } })
    })
    it(`${name}: clamd quarantines or defers`, async () => {
      const port = await trouble.clamd()
      const accepted = await scan({ clamd: port }, 'accept').inspect(inspected(message))
      expect([accepted.action, ...accepted.into.values()]).toEqual([
        'accept',
        { folder: 'quarantine', cause: 'unscanned' },
      ])
      expect(accepted.findings).toContainEqual({ check: 'clamd', result: 'down' })
      const deferred = await scan({ clamd: port }, 'defer').inspect(inspected(message))
      expect(deferred).toMatchObject({ action: 'defer', reply: { code: 451, enhanced: '4.7.1' } })
    })
  }

  it('is left alone after five failures, tried by one after ten seconds, and used again once it answers', async () => {
    let at = 0
    let tries = 0
    let well = false
    const breaker = createBreaker({ now: () => at, onFailure: () => undefined })
    const ask = () =>
      breaker.run(async () => {
        tries++
        if (!well) throw new Error('down')
        return 'answer'
      })
    for (let n = 0; n < 8; n++) expect(await ask()).toBeNull()
    expect(tries).toBe(5)
    at = 10_001
    expect(await Promise.all([ask(), ask()])).toEqual([null, null])
    expect(tries).toBe(6)
    at = 20_002
    well = true
    expect([await ask(), await ask()]).toEqual(['answer', 'answer'])
  })

  it('those in line behind a clamd that hangs give up with it', async () => {
    const scanner = createClamd({ host: '127.0.0.1', port: await clamd(() => undefined) }, 100)
    const all = await Promise.allSettled(Array.from({ length: 40 }, () => scanner.ask(message)))
    expect(new Set(all.map((one) => one.status))).toEqual(new Set(['rejected']))
  })
})

it('answers are read strictly', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '{}',
    '{"score":1}',
    '{"score":null,"action":"x"}',
    '{"score":1e999,"action":"x"}',
  ])
    expect(() => readOpinion(text), text).toThrow()
  for (const line of ['', 'OK', 'stream: ', 'stream: FOUND', 'stream: OK FOUND extra', 'x: OK'])
    expect(() => readVerdict(line), line).toThrow()
  expect(readVerdict('stream: A(b) FOUND\0')).toEqual({ found: 'A_b_' })
})
