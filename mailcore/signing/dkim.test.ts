import { authenticate } from 'mailauth'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { arcFields } from './arc'
import { dkimFields, type OpenKey } from './dkim'
import { newSigningKey, readSigningKey, type SigningAlgorithm } from './key-pair'

const records = new Map<string, string>()
const resolver = async (name: string, type: string): Promise<string[][]> => {
  const found = type === 'TXT' ? records.get(name) : undefined
  if (!found) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' })
  return [[found]]
}

async function makeKey(algorithm: SigningAlgorithm, selector: string, domain = 'd.example'): Promise<OpenKey> {
  const { privateKey, publicKey } = await newSigningKey(algorithm)
  records.set(`${selector}._domainkey.${domain}`, `v=DKIM1; k=${algorithm.split('-')[0]}; p=${publicKey}`)
  return { domain, selector, algorithm, privateKey: readSigningKey(privateKey) }
}

const MESSAGE = Buffer.from(
  [
    'From: A <a@d.example>',
    'To: b@e.example',
    'Subject: =?utf-8?q?caf=C3=A9?=  folded',
    '\tonce',
    'Date: Tue, 24 Nov 2026 04:00:00 +0000',
    'Message-ID: <1@d.example>',
    '',
    'two  spaces \t',
    '',
    'end',
    '',
    '',
    '',
  ].join('\r\n'),
)
const whole = (fields: string, message = MESSAGE) => Buffer.concat([Buffer.from(fields, 'latin1'), message])

let keys: OpenKey[]
let fields: string
beforeAll(async () => {
  keys = [await makeKey('rsa-sha256', 's1'), await makeKey('ed25519-sha256', 's2')]
  fields = await dkimFields(keys, MESSAGE)
})

const resultsOf = async (message: Buffer) =>
  (await dkimVerify(message, { resolver })).results.map((one) => one.status.result)

describe('signatures of a message', () => {
  it('are two, and both verify', async () => {
    expect(await resultsOf(whole(fields))).toEqual(['pass', 'pass'])
  })

  it('say nothing of when or how much: no t=, x=, l=, z=', () => {
    const tags = fields.replace(/\r\n[\t ]/g, ' ')
    expect(tags).not.toMatch(/[;\s][txlz]=/)
    expect(tags).toMatch(/c=relaxed\/relaxed/)
    expect(fields.split('\r\n').every((line) => line.length <= 78)).toBe(true)
    expect(fields.endsWith('\r\n')).toBe(true)
  })

  it.each([
    'From: Mallory <m@x.example>',
    'Subject: other',
    'Content-Type: text/html',
    'Reply-To: m@x.example',
    'Cc: m@x.example',
  ])('break when "%s" is put in', async (field) => {
    expect(await resultsOf(whole(`${field}\r\n${fields}`))).toEqual(['fail', 'fail'])
    const below = MESSAGE.toString().replace('\r\n\r\n', `\r\n${field}\r\n\r\n`)
    expect(await resultsOf(whole(fields, Buffer.from(below)))).toEqual(['fail', 'fail'])
  })

  it('bear what relaxed canonicalization bears, and break with the body', async () => {
    const respaced = MESSAGE.toString().replace('two  spaces \t', 'two spaces')
    expect(await resultsOf(whole(fields, Buffer.from(respaced)))).toEqual(['pass', 'pass'])
    const changed = MESSAGE.toString().replace('end', 'End')
    expect(await resultsOf(whole(fields, Buffer.from(changed)))).toEqual(['neutral', 'neutral'])
  })

  it('cover every one of several fields with one name, and a body that is empty', async () => {
    const message = Buffer.from('List-Post: a\r\nFrom: a@d.example\r\nList-Post: b\r\n\r\n')
    const signed = await dkimFields(keys, message)
    expect(await resultsOf(whole(signed, message))).toEqual(['pass', 'pass'])
    const swapped = Buffer.from('List-Post: b\r\nFrom: a@d.example\r\nList-Post: a\r\n\r\n')
    expect(await resultsOf(whole(signed, swapped))).toEqual(['fail', 'fail'])
  })

  it('verify over a body of many pieces and bytes of all kinds', async () => {
    const line = `${Array.from({ length: 200 }, (_, i) => String.fromCharCode((i % 94) + 33)).join('')} \u00ff\r\n`
    const message = Buffer.concat([MESSAGE, Buffer.from(line.repeat(1_500), 'latin1')])
    expect(await resultsOf(whole(await dkimFields(keys, message), message))).toEqual(['pass', 'pass'])
  })

  it('are none for a message without From, and none without a key', async () => {
    expect(await dkimFields(keys, Buffer.from('To: a@d.example\r\n\r\nx\r\n'))).toBe('')
    expect(await dkimFields([], MESSAGE)).toBe('')
  })
})

describe('the ARC set of what is passed on', () => {
  const arcOf = async (message: Buffer) =>
    (
      await authenticate(message, {
        ip: '192.0.2.1',
        helo: 'h.example',
        sender: 'a@d.example',
        mta: 'v.example',
        resolver,
      })
    ).arc

  const rsa = () => keys[0] ?? expect.unreachable()
  const AR = 'Authentication-Results: mx.example; spf=pass smtp.mailfrom=a@d.example;\r\n\tarc=none\r\n'

  it('verifies, names what was found here, and joins a chain that passed', async () => {
    const one = whole(AR)
    const first = whole(await arcFields(rsa(), one, 'mx.example'), one)
    const found = await arcOf(first)
    expect(found).toMatchObject({ status: { result: 'pass' } })
    expect(first.toString()).toMatch(/ARC-Authentication-Results: i=1; mx\.example;\r\n\tspf=pass/)

    const other = await makeKey('rsa-sha256', 'f1', 'f.example')
    const passed = Buffer.concat([Buffer.from('Authentication-Results: mx2.example; arc=pass\r\n'), first])
    const second = whole(await arcFields(other, passed, 'mx2.example'), passed)
    const again = await arcOf(second)
    expect(again).toMatchObject({ status: { result: 'pass' }, i: 2 })
  })

  it('says that a chain was broken, and goes no further after that', async () => {
    const one = whole(AR)
    const first = whole(await arcFields(rsa(), one, 'mx.example'), one)
    const broken = Buffer.concat([Buffer.from('Authentication-Results: mx.example; arc=fail\r\n'), first])
    const set = await arcFields(rsa(), broken, 'mx.example')
    expect(set).toMatch(/cv=fail/)
    const marked = Buffer.concat([Buffer.from('Authentication-Results: mx.example; arc=fail\r\n'), whole(set, broken)])
    expect(await arcFields(rsa(), marked, 'mx.example')).toBe('')
  })

  it('is not put over a chain of which nothing of ours tells, whatever others claim', async () => {
    const first = whole(await arcFields(rsa(), MESSAGE, 'mx.example'))
    const claimed = Buffer.concat([Buffer.from('Authentication-Results: evil.example; arc=pass\r\n'), first])
    expect(await arcFields(rsa(), claimed, 'mx.example')).toBe('')
  })
})
