/** Reports as other servers send them, and as those who mean harm do. For tests. */
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'

export interface DmarcXml {
  domain?: string
  reportId?: string
  organisation?: string
  begin?: Date
  /** XML of the records */
  records?: string
  /** Before the root element */
  prolog?: string
}

const DAY_S = 86_400

export const record = (source: string, count: number, result: { dkim?: string; spf?: string; more?: string } = {}) =>
  `<record><row><source_ip>${source}</source_ip><count>${count}</count><policy_evaluated><disposition>none</disposition>` +
  `<dkim>${result.dkim ?? 'pass'}</dkim><spf>${result.spf ?? 'pass'}</spf></policy_evaluated></row>` +
  `<identifiers><header_from>d.example</header_from></identifiers><auth_results>${result.more ?? ''}</auth_results></record>`

/** An aggregate report in the form of RFC 7489 appendix C. */
export function dmarcXml(of: DmarcXml = {}): string {
  const begin = Math.floor((of.begin ?? new Date(Date.now() - DAY_S * 1000)).getTime() / 1000)
  return `${of.prolog ?? '<?xml version="1.0" encoding="UTF-8" ?>'}
<feedback>
 <report_metadata><org_name>${of.organisation ?? 'Big Mail'}</org_name><email>x@big.test</email><report_id>${of.reportId ?? 'r1'}</report_id>
  <date_range><begin>${begin}</begin><end>${begin + DAY_S - 1}</end></date_range></report_metadata>
 <policy_published><domain>${of.domain ?? 'd.example'}</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>100</pct></policy_published>
 ${of.records ?? record('192.0.2.1', 3)}
</feedback>`
}

export function tlsJson(
  of: { domain?: string; reportId?: string; begin?: Date; failures?: unknown[] } = {},
): Record<string, unknown> {
  const begin = of.begin ?? new Date(Date.now() - DAY_S * 1000)
  return {
    'organization-name': 'Big Mail',
    'date-range': {
      'start-datetime': begin.toISOString(),
      'end-datetime': new Date(begin.getTime() + DAY_S * 1000 - 1000).toISOString(),
    },
    'contact-info': 'x@big.test',
    'report-id': of.reportId ?? 't1',
    policies: [
      {
        policy: { 'policy-type': 'sts', 'policy-string': [], 'policy-domain': of.domain ?? 'd.example' },
        summary: { 'total-successful-session-count': 100, 'total-failure-session-count': 3 },
        'failure-details': of.failures ?? [
          {
            'result-type': 'certificate-expired',
            'sending-mta-ip': '192.0.2.7',
            'receiving-mx-hostname': 'mx.d.example',
            'failed-session-count': 3,
          },
        ],
      },
    ],
  }
}

/** A message with one attachment, as reports come. */
export function reportMail(
  bytes: Uint8Array | string,
  of: { type?: string; name?: string; from?: string; fields?: string } = {},
): Buffer {
  const body = Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n')
  return Buffer.from(
    `${of.fields ?? ''}From: <${of.from ?? 'noreply@big.test'}>\r\nTo: <dmarc-reports@d.example>\r\nSubject: Report Domain: d.example\r\n` +
      `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n` +
      `--b\r\nContent-Type: ${of.type ?? 'application/gzip'}; name="${of.name ?? 'r.xml.gz'}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n--b--\r\n`,
  )
}

export const gz = (text: string | Buffer): Buffer => gzipSync(text)
export const zip = (files: Readonly<Record<string, string | Uint8Array>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, data]) => [name, new Uint8Array(Buffer.from(data))])))

/** One gzip member (RFC 1952) of ten megabytes that is ten gigabytes of spaces unpacked: one flushed piece of deflate, over and over. */
export function gzipBomb(): Buffer {
  const piece = deflateRawSync(Buffer.alloc(16 * 1024 * 1024, 0x20), { finishFlush: constants.Z_FULL_FLUSH, level: 9 })
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
  const pieces = Array.from({ length: 640 }, () => piece)
  return Buffer.concat([header, ...pieces, Buffer.from([3, 0]), Buffer.alloc(8)]).subarray(0, 10 * 1024 * 1024)
}

export const BILLION_LAUGHS = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from(
  { length: 9 },
  (_, n) => `<!ENTITY lol${n + 1} "${`&lol${n || ''};`.repeat(10)}">`,
).join('')}]>`

export const EXTERNAL_ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'
