import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import type { Running } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import type { TraceStep } from '#mailcore/ports'
import {
  type FakeChecks,
  type FakeDelivery,
  type FakeDirectory,
  type FakeQueue,
  fakeChecks,
  fakeDelivery,
  fakeDirectory,
  fakeMailbox,
  fakeQueue,
  outage,
} from '#tests/helpers/fakes'
import { type SmtpClient, smtpClient, testCertificate } from '#tests/helpers/smtp-client'
import { type MxOptions, startMx } from './mx'

const tls = testCertificate()
let directory: FakeDirectory
let delivery: FakeDelivery
let queue: FakeQueue
let checks: FakeChecks
let mx: (Running & { port: number }) | undefined
const clients: SmtpClient[] = []

beforeEach(async () => {
  directory = fakeDirectory()
  directory.add('bob@our.test', { aliases: ['robert@our.test'] })
  directory.add('carol@our.test')
  directory.add('away@our.test', { state: 'suspended' })
  directory.add('full@our.test', { state: 'full' })
  delivery = fakeDelivery()
  queue = fakeQueue()
  checks = fakeChecks()
  mx = await start()
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await mx?.stop()
})

const start = (more: Partial<MxOptions> = {}) =>
  startMx({
    host: '127.0.0.1',
    port: 0,
    hostname: 'mx.our.test',
    tls,
    directory,
    delivery,
    queue,
    checks,
    lookupKey: Buffer.alloc(32, 7),
    clock: systemClock,
    log: silentLog,
    limits: 'normal',
    tarpitMs: 0,
    ...more,
  })

async function greeted(): Promise<SmtpClient & { greeting: string }> {
  const client = await smtpClient(mx?.port ?? 0)
  clients.push(client)
  await client.command('EHLO mail.ext.test')
  return client
}

/** A session that has come to 354. */
async function atData(to = 'bob@our.test'): Promise<SmtpClient> {
  const client = await greeted()
  await client.command('MAIL FROM:<a@ext.test>')
  await client.command(`RCPT TO:<${to}>`)
  expect(await client.command('DATA')).toMatch(/^354/)
  return client
}

describe('a message comes in', () => {
  it('is delivered once per mailbox with trace fields in front, byte for byte', async () => {
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    for (const to of ['bob@our.test', 'Robert@OUR.test', 'carol@our.test']) {
      expect(await client.command(`RCPT TO:<${to}>`)).toMatch(/^250/)
    }
    await client.command('DATA')
    const body = 'Subject: hi\r\n\r\n.dot\r\n..two\r\n\xff\xfe\r\n'
    client.write(`${body.replace(/^\./gm, '..')}.\r\n`)
    expect(await client.reply()).toMatch(/^250 2\.6\.0|^250 2/)
    expect(delivery.delivered).toHaveLength(1)
    const [message] = delivery.delivered
    expect(message?.mailboxes).toHaveLength(2)
    const raw = message?.raw.toString('latin1') ?? ''
    expect(raw).toMatch(
      /^Return-Path: <a@ext\.test>\r\nReceived: from mail\.ext\.test \(\[127\.0\.0\.1\]\)\r\n\tby mx\.our\.test with ESMTP id \S+;\r\n\t.+\r\n/,
    )
    expect(raw.endsWith(body)).toBe(true)
  })

  it('answers 250 only after the delivery has committed', async () => {
    let commit: () => void = () => undefined
    delivery.gate = new Promise((resolve) => {
      commit = resolve
    })
    const client = await atData()
    client.write('x\r\n.\r\n')
    let answered = false
    const reply = client.reply().then((text) => {
      answered = true
      return text
    })
    const other = await greeted()
    await other.command('NOOP')
    expect(answered).toBe(false)
    commit()
    expect(await reply).toMatch(/^250/)
  })

  it('takes a pipelined transaction over STARTTLS', async () => {
    const client = await greeted()
    expect(await client.command('STARTTLS')).toMatch(/^220/)
    await client.startTls()
    expect(await client.command('EHLO mail.ext.test')).not.toContain('STARTTLS')
    client.write('MAIL FROM:<a@ext.test>\r\nRCPT TO:<bob@our.test>\r\nDATA\r\n')
    for (const code of ['250', '250', '354']) expect((await client.reply()).slice(0, 3)).toBe(code)
    client.write('Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n')
    expect(await client.reply()).toMatch(/^250/)
    expect(await client.reply()).toMatch(/^221/)
    expect(delivery.delivered[0]?.raw.toString()).toContain('with ESMTPS id')
  })

  it('announces itself without looking the peer up, and offers neither AUTH nor VRFY', async () => {
    const client = await greeted()
    expect(client.greeting).toBe('220 mx.our.test ESMTP ready')
    const features = await client.command('EHLO x.test')
    expect(features).toMatch(/STARTTLS/)
    expect(features).toMatch(/SIZE 52428800/)
    expect(features).not.toMatch(/AUTH|XCLIENT/)
    for (const command of ['AUTH PLAIN AGEAYg==', 'VRFY bob', 'EXPN list', 'XCLIENT ADDR=1.2.3.4', 'BDAT 5 LAST']) {
      expect(await client.command(command)).toMatch(/^50\d/)
    }
  })
})

describe('recipients', () => {
  it.each([
    ['nobody@our.test', '550 5.1.1'],
    ['away@our.test', '450 4.2.1'],
    ['full@our.test', '452 4.2.2'],
    ['v@ext.test', '550 5.7.1'],
  ])('%s: %s', async (to, code) => {
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    expect(await client.command(`RCPT TO:<${to}>`)).toContain(code)
    expect(await client.command('DATA')).toMatch(/^503/)
  })

  const variants = [
    'v@ext.test',
    'v%ext.test@our.test',
    '"v@ext.test"@our.test',
    '@our.test:v@ext.test',
    'v@ext.test@our.test',
    'our.test!v',
    'ext.test!v@our.test',
    'v@[127.0.0.1]',
    'v@[IPv6:::1]',
    'v@our.test.',
    'v@localhost',
    'v',
    'v@ext.test%our.test',
    '"v"@ext.test',
  ]
  const identities: [string, string, string[]][] = [
    ['a stranger', 'a@ext.test', []],
    ['the null sender', '', []],
    ['a forged local sender', 'bob@our.test', []],
    ['a mapped source', 'a@[IPv6:::ffff:127.0.0.1]', []],
    ['after failed AUTH', 'a@ext.test', ['AUTH PLAIN AGEAYg==']],
    ['after XCLIENT', 'a@ext.test', ['XCLIENT ADDR=127.0.0.1 LOGIN=bob']],
    ['after XFORWARD', 'a@ext.test', ['XFORWARD ADDR=127.0.0.1']],
    ['after PROXY', 'a@ext.test', ['PROXY TCP4 127.0.0.1 127.0.0.1 1 25']],
  ]
  it.each(identities)('relays nothing for %s (S-06)', async (_, from, before) => {
    for (const variant of variants) {
      const client = await greeted()
      for (const command of before) expect(await client.command(command)).toMatch(/^5/)
      expect(await client.command(`MAIL FROM:<${from}>`)).toMatch(/^250/)
      expect([variant, await client.command(`RCPT TO:<${variant}>`)]).toEqual([
        variant,
        expect.stringMatching(/^5\d\d /),
      ])
      client.close()
    }
    expect(delivery.delivered).toHaveLength(0)
  })

  it('asks the directory once for sessions that come together', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, greeted))
    await Promise.all(sessions.map((client) => client.command('MAIL FROM:<>')))
    const replies = await Promise.all(sessions.map((client) => client.command('RCPT TO:<bob@our.test>')))
    expect(replies.every((reply) => reply.startsWith('250'))).toBe(true)
    expect(directory.batches.every((size) => size === 1)).toBe(true)
  })

  it.each([
    ['REQUIRETLS', ''],
    ['HOLDFOR=60', ''],
    ['RET=FULL', ''],
    ['ENVID=x', ''],
    ['AUTH=<>', ''],
    ['size=100 foo=bar', ''],
    ['', 'NOTIFY=SUCCESS'],
    ['', 'ORCPT=rfc822;a@b.test'],
  ])(
    'says of parameters that it does not offer, MAIL %s RCPT %s, that it does not (RFC 5321 4.1.1.11)',
    async (mail, rcpt) => {
      const client = await greeted()
      const first = await client.command(`MAIL FROM:<a@ext.test> ${mail}`.trim())
      const second = await client.command(`RCPT TO:<bob@our.test> ${rcpt}`.trim())
      expect(mail ? first : second).toMatch(/^555 5\.5\.4/)
      expect(await client.command('RSET')).toMatch(/^250/)
      expect(await client.command('MAIL FROM:<a@ext.test> SIZE=100 BODY=8BITMIME SMTPUTF8')).toMatch(/^250/)
    },
  )

  it('stops at 500 recipients and ends a harvest of 1,000 unknown ones', async () => {
    directory.domains.add('our.test')
    for (let i = 0; i < 501; i++) directory.add(`u${i}@our.test`)
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    for (let i = 0; i < 500; i++) client.write(`RCPT TO:<u${i}@our.test>\r\n`)
    for (let i = 0; i < 500; i++) expect(await client.reply()).toMatch(/^250/)
    expect(await client.command('RCPT TO:<u500@our.test>')).toMatch(/^452/)
    const harvest = await greeted()
    await harvest.command('MAIL FROM:<a@ext.test>')
    for (let i = 0; i < 1_001; i++) harvest.write(`RCPT TO:<h${i}@our.test>\r\n`)
    for (let i = 0; i < 1_000; i++) expect(await harvest.reply()).toMatch(/^550/)
    expect(await harvest.reply()).toMatch(/^421/)
    expect(await harvest.reply()).toBe('')
  })
})

describe('smuggling (S-01)', () => {
  const ends = [
    '\n.\n',
    '\r.\r',
    '\n.\r',
    '\r.\n',
    '\r\n.\r',
    '\r\n.\n',
    '\n.\r\n',
    '\r.\r\n',
    '\r\n\r.\r\n',
    '\r\n\0.\r\n',
    '\r\r\n.\r\r\n',
    '\n\n.\n\n',
  ]
  it.each(ends.map((end) => [JSON.stringify(end), end]))('%s ends no message', async (_, end) => {
    const client = await atData()
    const hidden =
      'MAIL FROM:<admin@our.test>\r\nRCPT TO:<carol@our.test>\r\nDATA\r\nFrom: admin\r\n\r\nsmuggled\r\n.\r\n'
    client.write(`Subject: a\r\n\r\nbody${end}${hidden}`)
    const reply = await client.reply()
    // NUL is no line break: that text is one honest, odd message. All others hold a bare CR or LF.
    if (end.includes('\0')) expect(reply).toMatch(/^250/)
    else expect(reply).toMatch(/^550 5\.6\.11/)
    // Exactly one reply: nothing inside was taken for a command.
    expect(await client.command('NOOP')).toMatch(/^250 2\.0\.0 OK/)
    expect(delivery.delivered.length).toBe(end.includes('\0') ? 1 : 0)
    expect(delivery.delivered.every((message) => message.mailboxes.length === 1)).toBe(true)
  })

  it.each(['a\rb\r\n', 'a\nb\r\n', 'a\r\r\n', '\n', '..\n..\r\n'])(
    'refuses %j however it is cut into packets',
    async (text) => {
      const client = await atData()
      for (const letter of `X: y\r\n\r\n${text}\r\n.\r\n`) {
        client.write(letter)
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(await client.reply()).toMatch(/^550 5\.6\.11/)
      expect(delivery.delivered).toHaveLength(0)
    },
  )

  it('drops plaintext sent with STARTTLS (S-04)', async () => {
    const client = await greeted()
    client.write('STARTTLS\r\nMAIL FROM:<evil@ext.test>\r\nRCPT TO:<bob@our.test>\r\n')
    expect(await client.reply()).toMatch(/^220/)
    await client.startTls()
    expect(await client.command('NOOP')).toMatch(/^250 2\.0\.0 OK/)
    await client.command('EHLO x.test')
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^503/)
  })
})

describe('bounds and outages', () => {
  it('answers 451 4.3.0 while the store or the directory is away, and takes mail again after', async () => {
    delivery.failing = outage()
    const client = await atData()
    client.write('x\r\n.\r\n')
    expect(await client.reply()).toMatch(/^451 4\.3\.0/)
    delivery.failing = new Error('relation "messages" does not exist at character 15')
    await client.command('MAIL FROM:<a@ext.test>')
    await client.command('RCPT TO:<bob@our.test>')
    await client.command('DATA')
    client.write('x\r\n.\r\n')
    const defect = await client.reply()
    expect(defect).toMatch(/^451 4\.3\.0/)
    expect(defect).not.toContain('relation')
    directory.failing = outage()
    await client.command('MAIL FROM:<a@ext.test>')
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^451 4\.3\.0/)
    directory.failing = null
    delivery.failing = null
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^250/)
    await client.command('DATA')
    client.write('x\r\n.\r\n')
    expect(await client.reply()).toMatch(/^250/)
  })

  it('ends a loop of more than 50 hops', async () => {
    const client = await atData()
    client.write(`${'Received: from a by b; x\r\n'.repeat(51)}\r\nx\r\n.\r\n`)
    expect(await client.reply()).toMatch(/^554 5\.4\.6/)
    expect(delivery.delivered).toHaveLength(0)
  })

  it('refuses what declares or has more than the limit', async () => {
    const client = await greeted()
    expect(await client.command('MAIL FROM:<a@ext.test> SIZE=52428801')).toMatch(/^552/)
    await client.command('MAIL FROM:<a@ext.test>')
    await client.command('RCPT TO:<bob@our.test>')
    await client.command('DATA')
    const line = `${'x'.repeat(1024 * 1024 - 2)}\r\n`
    for (let i = 0; i < 51; i++) client.write(line)
    client.write('.\r\n')
    expect(await client.reply()).toMatch(/^552 5\.3\.4/)
    expect(await client.command('NOOP')).toMatch(/^250/)
  }, 30_000)

  it('closes after a flood of unknown commands and after a line without end', async () => {
    const flood = await greeted()
    flood.write('FOO\r\n'.repeat(20))
    for (let i = 0; i < 9; i++) expect(await flood.reply()).toMatch(/^500/)
    expect(await flood.reply()).toMatch(/^421/)
    expect(await flood.reply()).toBe('')
    const endless = await greeted()
    endless.write('A'.repeat(100_000))
    expect(await endless.reply()).toMatch(/^421/)
  })

  it('delivers nothing when the peer leaves in the middle', async () => {
    const client = await atData()
    client.write('half a mess')
    client.close()
    const other = await atData()
    other.write('x\r\n.\r\n')
    expect(await other.reply()).toMatch(/^250/)
    expect(delivery.delivered).toHaveLength(1)
  })

  it('stops while sessions are open', async () => {
    const client = await greeted()
    await mx?.stop()
    expect(await client.reply()).toMatch(/^421 4\.3\.2/)
  })
})

describe('what the checks say', () => {
  const BODY = 'Message-ID: <1@ext.test>\r\nSubject: hi\r\n\r\nhello\r\n'
  const sent = async (to = 'bob@our.test', body = BODY): Promise<string> => {
    const client = await atData(to)
    client.write(`${body}.\r\n`)
    return client.reply()
  }

  it('is asked with the peer, the envelope and the message as it came', async () => {
    expect(await sent()).toMatch(/^250/)
    const [asked] = checks.inspected
    expect(asked?.peer).toEqual({ address: '127.0.0.1', helo: 'mail.ext.test', tls: false })
    expect(asked?.sender).toBe('a@ext.test')
    expect(asked?.recipients.map(({ address, mailboxes }) => [address, mailboxes.length])).toEqual([
      ['bob@our.test', 1],
    ])
    expect(asked?.message.toString()).toBe(BODY)
  })

  it('stands in front of the message that it returns, and decides where it goes', async () => {
    const accountId = directory.accounts.get('bob@our.test')?.mailbox.accountId
    if (!accountId) throw new Error('no bob')
    const into = new Map([[accountId, { folder: 'junk' as const }]])
    checks.verdict = {
      fields: 'Authentication-Results: mx.our.test; none\r\n',
      message: Buffer.from('clean\r\n'),
      into,
    }
    expect(await sent()).toMatch(/^250/)
    const [message] = delivery.delivered
    expect(message?.raw.toString()).toMatch(
      /^Return-Path: <a@ext\.test>\r\nAuthentication-Results: mx\.our\.test; none\r\nReceived: [\s\S]*\r\nclean\r\n$/,
    )
    expect(message?.into).toBe(into)
  })

  it('refuses and defers with its own reply, and stores nothing', async () => {
    checks.verdict = { action: 'refuse', reply: { code: 550, enhanced: '5.7.1', text: 'The message looks like spam' } }
    expect(await sent()).toMatch(/^550 5\.7\.1 The message looks like spam/)
    checks.verdict = { action: 'defer', reply: { code: 451, enhanced: '4.7.1', text: 'Later' } }
    expect(await sent()).toMatch(/^451 4\.7\.1 Later/)
    expect(delivery.delivered).toEqual([])
  })

  it('turns a recipient away before the message', async () => {
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    checks.atRecipient = { kind: 'blocked' }
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^550 5\.7\.1/)
    checks.atRecipient = { kind: 'greylisted' }
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^451 4\.7\.1/)
    expect(await client.command('DATA')).toMatch(/^5/)
  })

  it('knows a message that is sent again, and no other', async () => {
    for (const body of [BODY, BODY, BODY.replace('hello', 'hullo'), BODY.replace('1@ext', '2@ext')]) {
      expect(await sent('bob@our.test', body)).toMatch(/^250/)
    }
    expect(await sent('bob@our.test', 'Subject: no id\r\n\r\nx\r\n')).toMatch(/^250/)
    const keys = delivery.delivered.map(({ onceKey }) => onceKey?.toString('hex'))
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys[1]).toBe(keys[0])
    expect(new Set(keys).size).toBe(4)
    expect(keys[4]).toBeUndefined()
  })

  it('hands what is for no mailbox to the queue, checked, and nothing to a mailbox', async () => {
    const { mailbox } = directory.add('dmarc-reports@our.test', { reports: true })
    checks.verdict = { fields: 'Authentication-Results: mx.our.test; none\r\n' }
    expect(await sent('dmarc-reports@our.test')).toMatch(/^250/)
    expect(delivery.delivered).toEqual([])
    expect(queue.enqueued).toMatchObject([
      { tenantId: mailbox.tenantId, sender: 'a@ext.test', recipients: ['dmarc-reports@our.test'], origin: 'automatic' },
    ])
    expect(queue.enqueued[0]?.raw.toString()).toMatch(/^Authentication-Results: mx\.our\.test; none\r\nReceived: /)
    expect(checks.inspected[0]?.recipients).toMatchObject([{ address: 'dmarc-reports@our.test', mailboxes: [] }])
  })
})

describe('a group', () => {
  it('is its members, each once, and the same mailbox named beside it is no second copy', async () => {
    const bob = directory.accounts.get('bob@our.test')?.mailbox
    const dora = fakeMailbox()
    directory.add('team@our.test', { group: { posting: 'anyone', mailboxes: bob ? [bob, dora] : [] } })
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    expect(await client.command('RCPT TO:<team@our.test>')).toMatch(/^250/)
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^250/)
    await client.command('DATA')
    client.write('Subject: x\r\n\r\nx\r\n.\r\n')
    expect(await client.reply()).toMatch(/^250/)
    expect(delivery.delivered[0]?.mailboxes.map(({ accountId }) => accountId)).toEqual([bob?.accountId, dora.accountId])
    expect(delivery.delivered[0]?.envelope?.recipientsOf(dora.accountId)).toEqual(['team@our.test'])
  })

  it('for the people of a tenant takes nothing from strangers', async () => {
    directory.add('board@our.test', { group: { posting: 'tenant', mailboxes: [fakeMailbox()] } })
    directory.add('club@our.test', { group: { posting: 'members', mailboxes: [fakeMailbox()] } })
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    expect(await client.command('RCPT TO:<board@our.test>')).toMatch(/^550 5\.7\.1/)
    expect(await client.command('RCPT TO:<club@our.test>')).toMatch(/^550 5\.7\.1/)
  })
})

describe('the trace', () => {
  it('has one line for each mailbox that took a message, with its own address and nobody else', async () => {
    const steps: TraceStep[] = []
    await mx?.stop()
    mx = await start({ trace: { note: (step) => steps.push(step) } })
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    await client.command('RCPT TO:<bob@our.test>')
    await client.command('RCPT TO:<carol@our.test>')
    await client.command('DATA')
    client.write('Message-ID: <1@ext.test>\r\nSubject: secret\r\n\r\nx\r\n.\r\n')
    expect(await client.reply()).toMatch(/^250/)
    expect(steps.map(({ step, accountId, detail }) => [step, accountId, detail.recipients])).toEqual([
      ['stored', directory.accounts.get('bob@our.test')?.mailbox.accountId, ['bob@our.test']],
      ['stored', directory.accounts.get('carol@our.test')?.mailbox.accountId, ['carol@our.test']],
    ])
    expect(steps[0]?.detail).toMatchObject({
      sender: 'a@ext.test',
      peer: '127.0.0.1',
      messageId: '1@ext.test',
      into: 'inbox',
    })
    expect(JSON.stringify(steps)).not.toContain('secret')
    expect(new Set(steps.map(({ traceId }) => traceId)).size).toBe(1)
  })

  it('says of a refused message why, and what was answered', async () => {
    const steps: TraceStep[] = []
    await mx?.stop()
    mx = await start({ trace: { note: (step) => steps.push(step) } })
    checks.verdict = {
      action: 'refuse',
      reply: { code: 550, enhanced: '5.7.1', text: 'no' },
      findings: [{ check: 'dmarc', result: 'fail', about: 'ext.test' }],
    }
    const client = await atData()
    client.write('x\r\n.\r\n')
    expect(await client.reply()).toMatch(/^550 5\.7\.1/)
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({
      step: 'refused',
      detail: { code: 550, enhanced: '5.7.1', outcome: 'refused', findings: [{ check: 'dmarc' }] },
    })
  })
})

describe('a proxy in front (S-12)', () => {
  const through = async (line: string): Promise<SmtpClient> => {
    const client = await smtpClient(mx?.port ?? 0, { first: line })
    clients.push(client)
    return client
  }
  beforeEach(async () => {
    await mx?.stop()
    mx = await start({ proxyFrom: ['127.0.0.1'] })
  })

  it('says whose session it is: limits, checks and trace fields go by that address', async () => {
    const client = await through('PROXY TCP4 192.0.2.77 203.0.113.1 5000 25\r\n')
    await client.command('EHLO mail.ext.test')
    await client.command('MAIL FROM:<a@ext.test>')
    await client.command('RCPT TO:<bob@our.test>')
    await client.command('DATA')
    client.write('x\r\n.\r\n')
    expect(await client.reply()).toMatch(/^250/)
    expect(checks.inspected[0]?.peer.address).toBe('192.0.2.77')
    expect(delivery.delivered[0]?.raw.toString()).toContain('[192.0.2.77]')
  })

  it.each([
    ['no line', 'EHLO x\r\n'],
    ['a name in place of an address', 'PROXY TCP4 evil.test 203.0.113.1 5000 25\r\n'],
    ['version 2', '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c'],
    ['a line without end', `PROXY TCP4 ${'1'.repeat(2_000)}`],
  ])('ends the session at %s', async (_, line) => {
    const client = await through(line)
    expect(await client.command('NOOP')).toBe('')
  })

  it('is believed from nobody else', async () => {
    await mx?.stop()
    mx = await start({ proxyFrom: ['192.0.2.1'] })
    const client = await greeted()
    expect(await client.command('PROXY TCP4 192.0.2.77 203.0.113.1 5000 25')).toMatch(/^50/)
  })
})

describe('a harvest of addresses', () => {
  it('waits longer with every refusal, and keeps nobody else waiting', async () => {
    await mx?.stop()
    mx = await start({ tarpitMs: 20 })
    const client = await greeted()
    await client.command('MAIL FROM:<a@ext.test>')
    for (let i = 0; i < 5; i++) await client.command(`RCPT TO:<x${i}@our.test>`)
    let answered = false
    const slow = client.command('RCPT TO:<x6@our.test>').then((text) => {
      answered = true
      return text
    })
    const other = await smtpClient(mx.port)
    clients.push(other)
    expect(other.greeting).toMatch(/^220/)
    expect(answered).toBe(false)
    expect(await slow).toMatch(/^550 5\.1\.1/)
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^250/)
  })
})
