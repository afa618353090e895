import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readReport } from './read-report'
import { refusalOf } from './refusal'
import { BILLION_LAUGHS, dmarcXml, EXTERNAL_ENTITY, gz, gzipBomb, record, reportMail, tlsJson, zip } from './testing'

/** The word under which a message is refused; fails when it is taken. */
async function refused(raw: Buffer): Promise<string> {
  try {
    await readReport(raw)
  } catch (error) {
    return refusalOf(error) ?? `not a refusal: ${String(error)}`
  }
  return 'taken'
}

const dmarc = async (raw: Buffer) => {
  const report = await readReport(raw)
  if (report.kind !== 'dmarc') throw new Error('not a DMARC report')
  return report
}

describe('aggregate reports (RFC 7489 7.2.1.1)', () => {
  it.each([
    ['gzip', reportMail(gz(dmarcXml()))],
    ['zip', reportMail(zip({ 'r.xml': dmarcXml() }), { type: 'application/zip', name: 'r.zip' })],
    ['bare xml', reportMail(dmarcXml(), { type: 'text/xml', name: 'r.xml' })],
    ['octet-stream by whatever name', reportMail(gz(dmarcXml()), { type: 'application/octet-stream', name: 'x' })],
    ['a namespace prefix', reportMail(gz(dmarcXml().replace(/<(\/?)(?=[a-z])/g, '<$1d:')))],
    [
      'what Finder adds',
      reportMail(zip({ 'r.xml': dmarcXml(), '__MACOSX/._r.xml': 'x' }), { type: 'application/zip' }),
    ],
  ])('are read as %s', async (_, raw) => {
    expect(await dmarc(raw)).toMatchObject({
      organisation: 'Big Mail',
      reportId: 'r1',
      policy: { domain: 'd.example', p: 'none', pct: 100 },
      rows: [{ source: '192.0.2.1', messages: 3, dkim: 'pass', spf: 'pass', headerFrom: 'd.example' }],
    })
  })

  it('keep what authenticated as whom, and why a policy was overridden', async () => {
    const more =
      '<dkim><domain>esp.test</domain><selector>s1</selector><result>pass</result></dkim><dkim><domain>d.example</domain><result>fail</result></dkim>' +
      '<spf><domain>bounce.esp.test</domain><result>softfail</result></spf>'
    const override = record('2001:db8::1', 2, { dkim: 'fail', spf: 'fail', more }).replace(
      '</policy_evaluated>',
      '<reason><type>mailing_list</type><comment>hm</comment></reason></policy_evaluated>',
    )
    const { rows } = await dmarc(reportMail(gz(dmarcXml({ records: override }))))
    expect(rows).toEqual([
      {
        source: '2001:db8::1',
        messages: 2,
        disposition: 'none',
        dkim: 'fail',
        spf: 'fail',
        headerFrom: 'd.example',
        signatures: [
          { domain: 'esp.test', selector: 's1', result: 'pass' },
          { domain: 'd.example', result: 'fail' },
        ],
        sender: { domain: 'bounce.esp.test', result: 'softfail' },
        override: 'mailing_list',
      },
    ])
  })

  it('join rows that are alike, and sum up what is more than is kept', async () => {
    const many = Array.from({ length: 6_000 }, (_, n) => record(`10.${n >> 8}.${n & 255}.1`, n + 1)).join('')
    const { rows, rest } = await dmarc(reportMail(gz(dmarcXml({ records: record('192.0.2.9', 9_000) + many + many }))))
    expect(rows).toHaveLength(1_000)
    expect(rows[0]?.messages).toBe(12_000)
    expect(rest.messages + rows.reduce((sum, row) => sum + row.messages, 0)).toBe(9_000 + 6_000 * 6_001)
    expect(rest.passed).toBe(rest.messages)
  })

  it('leave what is no value out instead of failing', async () => {
    const odd = record('not an address', 5) + record('192.0.2.1', -4) + record('192.0.2.2', Number.NaN)
    expect((await dmarc(reportMail(gz(dmarcXml({ records: odd }))))).rows).toEqual([])
    const { organisation } = await dmarc(reportMail(gz(dmarcXml({ organisation: 'a\u202eb\u0085 &lt;script&gt;' }))))
    expect(organisation).toBe('a b  <script>')
  })

  it('of a hundred thousand records are read, with turns for others in between', async () => {
    let turns = 0
    let reading = true
    const count = () => {
      turns++
      if (reading) setImmediate(count)
    }
    setImmediate(count)
    const records = Array.from(
      { length: 99_999 },
      (_, n) =>
        `<record><row><source_ip>10.${n >> 16}.${(n >> 8) & 255}.${n & 255}</source_ip><count>1</count></row></record>`,
    )
    const { rows, rest } = await dmarc(reportMail(gz(dmarcXml({ records: records.join('') }))))
    reading = false
    expect(rows.length + rest.messages).toBe(99_999)
    expect(turns).toBeGreaterThan(5)
  }, 60_000)
})

describe('TLS reports (RFC 8460)', () => {
  it.each([
    ['gzip', reportMail(gz(JSON.stringify(tlsJson())), { type: 'application/tlsrpt+gzip', name: 'r.json.gz' })],
    ['json', reportMail(`\ufeff${JSON.stringify(tlsJson())}`, { type: 'application/tlsrpt+json', name: 'r.json' })],
  ])('are read as %s', async (_, raw) => {
    expect(await readReport(raw)).toMatchObject({
      kind: 'tls',
      organisation: 'Big Mail',
      policies: [
        {
          domain: 'd.example',
          type: 'sts',
          succeeded: 100,
          failed: 3,
          failures: [{ type: 'certificate-expired', sessions: 3, receivingHost: 'mx.d.example' }],
        },
      ],
    })
  })

  it('carry nothing into prototypes', async () => {
    const text = JSON.stringify(tlsJson()).replace('{', '{"__proto__":{"policies":[]},"constructor":1,')
    expect(await readReport(reportMail(text, { type: 'application/json' }))).toMatchObject({ kind: 'tls' })
    expect(Object.hasOwn(Object.prototype, 'policies')).toBe(false)
  })
})

describe('what is made to hurt is refused (S-15)', () => {
  const bomb = gzipBomb()

  it('a gzip bomb of 10 MB for 10 GB', async () => {
    expect(bomb.length).toBeLessThanOrEqual(10 * 1024 * 1024)
    expect(await refused(reportMail(bomb))).toBe('too-large')
  })

  it('a bomb in a zip, and one that stays under the ratio', async () => {
    const spaces = zip({ 'r.xml': Buffer.alloc(24_000_000, 0x20) })
    expect(await refused(reportMail(spaces, { type: 'application/zip' }))).toBe('ratio')
    const dull = Array.from({ length: 13_000 }, () => randomBytes(50).toString('hex').repeat(21)).join('')
    expect(await refused(reportMail(gz(`<feedback>${dull}`)))).toBe('too-large')
  })

  it.each<[string, string, Buffer]>([
    [
      'nested',
      'a zip in a zip',
      reportMail(zip({ 'r.xml': zip({ 'r.xml': dmarcXml() }) }), { type: 'application/zip' }),
    ],
    ['nested', 'a gzip in a gzip', reportMail(gz(gz(dmarcXml())))],
    ['nested', 'two files', reportMail(zip({ 'a.xml': dmarcXml(), 'b.xml': dmarcXml() }), { type: 'application/zip' })],
    ['doctype', 'billion laughs', reportMail(gz(dmarcXml({ prolog: BILLION_LAUGHS, organisation: '&lol9;' })))],
    ['doctype', 'an external entity', reportMail(gz(dmarcXml({ prolog: EXTERNAL_ENTITY, organisation: '&xxe;' })))],
    ['broken-xml', 'an entity out of nowhere', reportMail(gz(dmarcXml({ organisation: '&xxe;' })))],
    [
      'too-many-records',
      'a million records',
      reportMail(`<feedback>${'<record/>'.repeat(1_000_000)}`, { type: 'text/xml' }),
    ],
    ['too-deep', 'depth', reportMail(gz(`<feedback>${'<a>'.repeat(1_000)}`))],
    [
      'broken-xml',
      'attributes',
      reportMail(gz(`<feedback ${Array.from({ length: 100 }, (_, n) => `a${n}="1"`).join(' ')}/>`)),
    ],
    ['broken-xml', 'half a report', reportMail(gz(dmarcXml().slice(0, 400)))],
    ['broken-archive', 'an empty gzip', reportMail(gz(''))],
    [
      'broken-archive',
      'garbage after a gzip head',
      reportMail(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255])),
    ],
    ['not-a-report', 'XML that is none', reportMail('<html><body>hello</body></html>', { type: 'text/xml' })],
    ['too-deep', 'JSON depth', reportMail('{"a":'.repeat(100_000), { type: 'application/json' })],
    ['broken-json', 'half a JSON', reportMail(JSON.stringify(tlsJson()).slice(0, 200), { type: 'application/json' })],
    ['too-large', 'a large JSON', reportMail(`{"a":"${'x'.repeat(5_000_000)}"}`, { type: 'application/json' })],
    ['no-report', 'mail without one', Buffer.from('From: <a@b.test>\r\nSubject: hi\r\n\r\nhello\r\n')],
    ['too-large', 'a huge mail', Buffer.alloc(16 * 1024 * 1024, 0x61)],
  ])('%s: %s', async (why, _, raw) => {
    expect(await refused(raw)).toBe(why)
  })

  it('any cut and any flipped bit is refused or read, and throws nothing else', async () => {
    const packed = [gz(dmarcXml()), Buffer.from(zip({ 'r.xml': dmarcXml() })), Buffer.from(JSON.stringify(tlsJson()))]
    const answers = new Set<string>()
    for (const whole of packed) {
      for (let n = 0; n < 300; n++) {
        const hurt = Buffer.from(whole)
        const at = Math.floor((n / 300) * hurt.length)
        hurt[at] = (hurt[at] ?? 0) ^ (1 << (n % 8))
        answers.add(await refused(reportMail(n % 3 === 0 ? whole.subarray(0, at) : hurt)))
      }
    }
    expect([...answers].filter((answer) => answer.startsWith('not a refusal'))).toEqual([])
  }, 60_000)
})
