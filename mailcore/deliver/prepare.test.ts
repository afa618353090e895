import { describe, expect, it } from 'vitest'
import type { Leased, Signer } from '#mailcore/ports'
import { classify } from './classify'
import { prepare } from './prepare'
import { matchesMx } from './route'

const asked: string[] = []
const signer: Signer = {
  sign: async (domain) => {
    asked.push(`sign ${domain}`)
    return `DKIM-Signature: d=${domain}\r\n`
  },
  seal: async (domain) => {
    asked.push(`seal ${domain}`)
    return `ARC-Seal: d=${domain}\r\nARC-Message-Signature: x\r\n`
  },
}
const run = async (origin: Leased['origin'], sender: string, head: string) => {
  asked.length = 0
  const raw = Buffer.from(`${head}Message-ID: <m@x>\r\n\r\nbody\n`)
  const prepared = await prepare({ origin, sender, raw }, signer)
  return { ...prepared, asked: [...asked], text: prepared.message.toString() }
}

describe('what is signed', () => {
  it('is the mail of an account, for the domain of its From, made canonical first', async () => {
    const { text, added, messageId, asked: calls } = await run('account', 'a@env.test', 'From: A <a@our.test>\r\n')
    expect(text).toBe('DKIM-Signature: d=our.test\r\nFrom: A <a@our.test>\r\nMessage-ID: <m@x>\r\n\r\nbody\r\n')
    expect({ added, messageId, calls }).toEqual({
      added: ['DKIM-Signature'],
      messageId: 'm@x',
      calls: ['sign our.test'],
    })
  })
  it('is a list, sealed and signed for its own domain', async () => {
    const { asked: calls } = await run('list', 'l-bounces@list.test', 'From: b@ext.test\r\nReceived: from x by us\r\n')
    expect(calls).toEqual(['seal list.test', 'sign list.test'])
  })
  it('is an answer that a program here has written', async () => {
    expect((await run('automatic', '', 'Received: by us with ESMTPSA\r\nFrom: a@our.test\r\n')).asked).toEqual([
      'sign our.test',
    ])
  })
  it('is never what was only passed on, whatever its From claims', async () => {
    const forged = 'Received: from evil.test (evil [192.0.2.1])\r\n\tby us\r\nFrom: boss@our.test\r\n'
    expect((await run('automatic', 'a@our.test', forged)).asked).toEqual(['seal our.test'])
    expect((await run('automatic', '', forged)).asked).toEqual([])
  })
})

describe('classify', () => {
  it.each([
    ['5.1.1', '', 'unknown'],
    ['5.0.0', '550 No such user here', 'unknown'],
    ['5.2.2', '', 'full'],
    ['5.7.1', '554 blocked using zen.spamhaus.org', 'spam'],
    ['5.7.26', '550 not authenticated', 'policy'],
    ['5.4.4', '', 'network'],
    ['5.1.2', '', 'network'],
    ['5.3.4', '', 'content'],
    ['5.0.0', '554 no', 'other'],
  ])('%s %s is %s', (enhanced, text, kind) => {
    expect(classify(enhanced, text)).toBe(kind)
  })
})

it('a pattern of MTA-STS covers one label (RFC 8461 4.1)', () => {
  expect(matchesMx('*.ext.test', 'mx.ext.test')).toBe(true)
  expect(matchesMx('*.ext.test', 'a.mx.ext.test')).toBe(false)
  expect(matchesMx('*.ext.test', 'ext.test')).toBe(false)
  expect(matchesMx('mx.ext.test', 'mx.ext.test')).toBe(true)
})
