import { dkimSign, sealMessage } from 'mailauth'
import { describe, expect, it } from 'vitest'
import { divideBudget, QUERIES_MOST, type RecordType } from './dns'
import { fakeDns, fakeKey, inspected, mailFrom, setUp } from './testing'

/** Reliability S-14: what a stranger's records and signatures may cost. */

type Zone = Record<string, Partial<Record<RecordType, readonly unknown[]>> | 'fails' | 'hangs'>

async function check(zone: Zone, message = mailFrom('bob@sender.test'), more = {}) {
  const dns = fakeDns(zone)
  const verdict = await setUp({ ask: dns.ask }).inspect(inspected(message, more))
  const of = (name: string) => verdict.findings.filter((one) => one.check === name).map((one) => one.result)
  return { of, asked: dns.asked, verdict }
}

const key = fakeKey(2048)
const signed = async (
  options: { privateKey?: string; domain?: string; maxBodyLength?: number; times?: number; expires?: Date } = {},
) => {
  const { domain = 'sender.test', times = 1 } = options
  const plain = mailFrom('bob@sender.test')
  const data = Array.from({ length: times }, (_, n) => ({
    signingDomain: domain,
    selector: `s${n}`,
    privateKey: options.privateKey ?? key.privateKey,
    ...(options.maxBodyLength === undefined ? {} : { maxBodyLength: options.maxBodyLength }),
  }))
  const wanted = {
    canonicalization: 'relaxed/relaxed',
    ...(options.expires ? { expires: options.expires } : {}),
    signatureData: data,
  }
  const result = await dkimSign(plain, wanted as Parameters<typeof dkimSign>[1])
  if (result.errors.length > 0) throw new Error('not signed')
  return Buffer.concat([Buffer.from(result.signatures), plain])
}
const keys = (record: string, times = 1): Zone =>
  Object.fromEntries(Array.from({ length: times }, (_, n) => [`s${n}._domainkey.sender.test`, { TXT: [record] }]))

describe('SPF', () => {
  it('ends after ten look-ups, loops included, and after two void ones', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        n === 0 ? 'sender.test' : `i${n}.test`,
        { TXT: [`v=spf1 include:i${n + 1}.test -all`] },
      ]),
    )
    const long = await check(chain)
    expect(long.of('spf')).toEqual(['permerror'])
    expect(long.asked.length).toBeLessThanOrEqual(20)
    const loop = await check({ 'sender.test': { TXT: ['v=spf1 include:sender.test -all'] } })
    expect(loop.of('spf')).toEqual(['permerror'])
    const voids = await check({ 'sender.test': { TXT: ['v=spf1 a:n1.test a:n2.test a:n3.test a:n4.test +all'] } })
    expect(voids.of('spf')).toEqual(['permerror'])
  })

  it('asks no more than the message has left, whatever MX terms name', async () => {
    const hosts = Array.from({ length: 10 }, (_, n) => ({ exchange: `h${n}.test`, priority: n }))
    const zone: Zone = {
      'sender.test': { TXT: [`v=spf1 ${Array.from({ length: 9 }, (_, n) => `mx:m${n}.test`).join(' ')} -all`] },
    }
    for (let n = 0; n < 9; n++)
      zone[`m${n}.test`] = { MX: hosts.map((one) => ({ ...one, exchange: `x${n}${one.exchange}` })) }
    for (let n = 0; n < 9; n++) for (const host of hosts) zone[`x${n}${host.exchange}`] = { A: ['203.0.113.5'] }
    const found = await check(zone)
    expect(found.of('spf')).toEqual(['permerror'])
    expect(found.asked.length).toBeLessThanOrEqual(20)
  })

  it('takes no name with 512 TXT records, and a DNS that fails or hangs is a temporary error', async () => {
    const many = await check({
      'sender.test': { TXT: Array.from({ length: 512 }, (_, n) => `v=spf1 ip4:10.0.0.${n} -all`) },
    })
    expect(many.of('spf')).toEqual(['temperror'])
    expect((await check({ 'sender.test': 'fails' })).of('spf')).toEqual(['temperror'])
  })

  it('is asked once for a peer and domain, by local part where the record asks for it', async () => {
    const dns = fakeDns({
      'sender.test': { TXT: ['v=spf1 ip4:192.0.2.1 -all'] },
      'macro.test': { TXT: ['v=spf1 exists:%{l}.ok.test -all'] },
      'bob.ok.test': { A: ['127.0.0.2'] },
    })
    const checks = setUp({ ask: dns.ask })
    const spf = async (sender: string) =>
      (await checks.inspect(inspected(mailFrom('x@sender.test'), { sender }))).findings[0]?.result
    expect([await spf('a@sender.test'), await spf('b@sender.test')]).toEqual(['pass', 'pass'])
    expect([await spf('bob@macro.test'), await spf('eve@macro.test'), await spf('bob@macro.test')]).toEqual([
      'pass',
      'fail',
      'pass',
    ])
    expect(dns.asked.filter((one) => one === 'TXT sender.test')).toHaveLength(1)
  })
})

describe('DKIM', () => {
  it('a signature passes; one that is altered, expired, or by a key too short or too long does not', async () => {
    const message = await signed()
    expect((await check(keys(key.record), message)).of('dkim')).toEqual(['pass'])
    const altered = Buffer.from(message.toString().replace('Hello', 'Hullo'))
    expect((await check(keys(key.record), altered)).of('dkim')).toEqual(['fail'])
    const past = await signed({ expires: new Date(Date.now() - 86_400_000) })
    expect((await check(keys(key.record), past)).of('dkim')).toEqual(['neutral'])
    const short = fakeKey(768)
    expect((await check(keys(short.record), await signed({ privateKey: short.privateKey }))).of('dkim')).toEqual([
      'policy',
    ])
    // A key of 16k bits is never made here: its record is refused by its length.
    const long = await check(keys(`v=DKIM1; k=rsa; p=${Buffer.alloc(2_074, 1).toString('base64')}`), message)
    expect(long.of('dkim')).toEqual(['neutral'])
  })

  it('l= never counts: what follows the signed part is anybody’s', async () => {
    const message = await signed({ maxBodyLength: 5 })
    expect(message.toString()).toContain('l=5')
    expect((await check(keys(key.record), message)).of('dkim')).toEqual(['neutral'])
    expect((await check(keys(key.record), Buffer.concat([message, Buffer.from('more\r\n')]))).of('dkim')).toEqual([
      'neutral',
    ])
  })

  it('a field added beside a signed one breaks the signature where the signer signed its absence', async () => {
    const message = await signed()
    const twice = Buffer.concat([
      message.subarray(0, message.indexOf('From:')),
      Buffer.from('From: eve@evil.test\r\n'),
      message.subarray(message.indexOf('From:')),
    ])
    const verdict = await check(keys(key.record), twice)
    expect(verdict.of('dmarc')).toEqual(['permerror'])
  })

  it('looks at five signatures of a hundred, and at no header of 50,000 fields', async () => {
    const message = await signed({ times: 100 })
    const found = await check(keys(key.record, 100), message)
    expect(found.of('dkim')).toEqual(Array(5).fill('pass'))
    expect(found.asked.filter((one) => one.includes('_domainkey'))).toHaveLength(5)
    expect(found.asked.length).toBeLessThanOrEqual(20)
    const one = await signed()
    const wide = Buffer.concat([Buffer.from('X-A: b\r\n'.repeat(50_000)), one])
    const refused = await check(keys(key.record), wide)
    expect(refused.of('dkim')).toEqual(['permerror'])
    expect(refused.asked.some((asked) => asked.includes('_domainkey'))).toBe(false)
  })
})

describe('ARC', () => {
  it('a chain of five sealers passes', async () => {
    let message = mailFrom('bob@sender.test')
    const zone: Zone = {}
    for (let n = 1; n <= 5; n++) {
      zone[`s._domainkey.a${n}.test`] = { TXT: [key.record] }
      const seal = { signingDomain: `a${n}.test`, selector: 's', privateKey: key.privateKey, algorithm: 'rsa-sha256' }
      const cv = n === 1 ? 'none' : 'pass'
      message = Buffer.concat([
        await sealMessage(message, { ...seal, authResults: `a${n}.test; spf=pass`, cv }),
        message,
      ])
    }
    const found = await check(zone, message)
    expect(found.verdict.findings).toContainEqual({ check: 'arc', result: 'pass', about: 'a5.test' })
  })

  it('a chain of 50 sets is refused without a look at its seals', async () => {
    const set = (n: number) =>
      `ARC-Seal: i=${n}; a=rsa-sha256; cv=${n === 1 ? 'none' : 'pass'}; d=a${n}.test; s=s; b=AAAA\r\n` +
      `ARC-Message-Signature: i=${n}; a=rsa-sha256; c=relaxed/relaxed; d=a${n}.test; s=s; h=from; bh=AAAA; b=AAAA\r\n` +
      `ARC-Authentication-Results: i=${n}; a${n}.test; spf=pass\r\n`
    const message = mailFrom('bob@sender.test', Array.from({ length: 50 }, (_, n) => set(n + 1)).join(''))
    const found = await check({}, message)
    expect(found.of('arc')).toEqual(['fail'])
    expect(found.asked.filter((one) => one.includes('_domainkey')).length).toBeLessThanOrEqual(1)
  })
})

describe('DMARC', () => {
  it('walks up a name of many labels within the budget', async () => {
    const deep = `${Array.from({ length: 40 }, (_, n) => `l${n}`).join('.')}.sender.test`
    const found = await check({ '_dmarc.sender.test': { TXT: ['v=DMARC1; p=reject'] } }, mailFrom(`x@${deep}`))
    expect(found.of('dmarc')).toEqual(['fail'])
    expect(found.asked.length).toBeLessThanOrEqual(20)
  })
})

describe('the questions of one message', () => {
  it('are never more than twenty, whatever it claims, and the policy of its author always has its own', () => {
    for (const signatures of [0, 1, 5, 100])
      for (const seals of [0, 1, 4, 50])
        for (const authorLabels of [0, 2, 8, 40]) {
          const { spf, keys, dmarc } = divideBudget({ signatures, seals, authorLabels })
          expect(spf + keys + dmarc).toBe(QUERIES_MOST)
          expect(spf).toBeGreaterThanOrEqual(5)
          expect(dmarc).toBe(Math.min(authorLabels, 8) + 2)
          expect(keys).toBeGreaterThanOrEqual(Math.min(signatures + seals, 5))
        }
  })
})

describe('whatever bytes come', () => {
  it('a verdict is given, and our field holds nothing of theirs that could end it', async () => {
    let state = 42
    const random = (most: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return Math.floor((state / 2 ** 32) * most)
    }
    const honest = await signed()
    const pieces = [
      'From:',
      'DKIM-Signature:',
      'ARC-Seal: i=1;',
      ' b=',
      ';',
      '=',
      '\r\n',
      '\0',
      '"',
      '(',
      '\\',
      '<@',
      'h=from:',
      '\xff',
      'l=-1',
      'i=99999999999',
    ]
    const checks = setUp({ ask: fakeDns(keys(key.record)).ask })
    for (let round = 0; round < 400; round++) {
      let text = honest.toString('latin1')
      for (let change = 0; change < 8; change++) {
        const at = random(text.length)
        text = `${text.slice(0, at)}${pieces[random(pieces.length)]}${text.slice(at + random(20))}`
      }
      const verdict = await checks.inspect(inspected(Buffer.from(text, 'latin1')))
      expect(verdict.action).toBe('accept')
      expect(verdict.fields).toMatch(
        /^Authentication-Results: mx\.test;(?:\r\n\t[\w.=+/ -]+;?)+\r\n(?:X-Spam-Status: Yes\r\n)?$/,
      )
    }
  })
})
