import { type StsMode, stsId } from '#server/services/dns/sts-policy'

export type RecordType = 'MX' | 'TXT' | 'CNAME' | 'SRV' | 'CAA' | 'TLSA'

/** One record that a domain should have. */
export interface PlannedRecord {
  /** `mx`, `spf`, `dkim:<selector>`: stays the same while the record may change */
  id: string
  type: RecordType
  /** Whole name, lower case, no final dot */
  name: string
  /** As in a zone file, behind the type: text in quotes and in pieces of at most 255 bytes (RFC 1035 3.3) */
  value: string
  /** As typed into the form of a DNS host, and as compared with what is found: text without quotes */
  expected: string
  /** One or two sentences for whoever sets it */
  why: string
  /** Does mail fail, or pass for forged, without it? */
  required: boolean
}

export interface PlanInput {
  /** A-label form, lower case */
  domain: string
  /** The host of all mail doors */
  hostname: string
  mtaSts: StsMode
  /** Keys that are not retired */
  dkim: readonly { selector: string; algorithm: 'rsa-sha256' | 'ed25519-sha256'; publicKey: string; state: string }[]
}

/** Groups of record ids (the part before a colon) without which mail fails. */
export const REQUIRED: readonly string[] = ['mx', 'spf', 'dkim', 'dmarc']

/** Ports by the name of their service (RFC 8314 section 7, RFC 5804 1.8, and what Outlook asks for). */
const SERVICES = [
  { id: 'submissions', port: 465, why: 'Lets mail programs find the server for sending (RFC 8314).' },
  { id: 'imaps', port: 993, why: 'Lets mail programs find the server for reading (RFC 6186).' },
  { id: 'pop3s', port: 995, why: 'Lets programs that fetch mail by POP3 find the server (RFC 6186).' },
  { id: 'sieve', port: 4190, why: 'Lets mail programs find where filters are kept (RFC 5804).' },
  { id: 'autodiscover', port: 443, why: 'Lets Outlook find its settings where a CNAME is not possible.' },
] as const

/** The records of a domain, in the order in which to set them. Pure. */
export function dnsPlan(input: PlanInput): PlannedRecord[] {
  const { domain, hostname } = input
  const required = (id: string) => REQUIRED.includes(id.split(':', 1)[0] ?? '')
  const txt = (id: string, name: string, text: string, why: string): PlannedRecord => ({
    id,
    type: 'TXT',
    name,
    value: quoted(text),
    expected: text,
    why,
    required: required(id),
  })
  const cname = (id: string, why: string): PlannedRecord => {
    const name = `${id.replace('-host', '')}.${domain}`
    return { id, type: 'CNAME', name, value: `${hostname}.`, expected: hostname, why, required: false }
  }
  return [
    {
      id: 'mx',
      type: 'MX',
      name: domain,
      value: `10 ${hostname}.`,
      expected: `10 ${hostname}`,
      why: 'Brings mail for the domain here. Remove other MX records, or some of your mail goes to another server.',
      required: true,
    },
    txt(
      'spf',
      domain,
      'v=spf1 mx ~all',
      'Says which servers may send for the domain. If you have such a record already, add "mx" to it: there may be only one.',
    ),
    ...input.dkim.map((key) => dkimRecord(domain, key)),
    txt(
      'dmarc',
      `_dmarc.${domain}`,
      `v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@${domain}`,
      'Asks other servers to set forged mail in your name aside, and to report what they see.',
    ),
    txt(
      'mta-sts',
      `_mta-sts.${domain}`,
      `v=STSv1; id=${stsId(input.mtaSts, hostname)}`,
      'Tells other servers that a policy for encrypted delivery is published, and when it has changed.',
    ),
    cname('mta-sts-host', 'Where other servers fetch that policy, over HTTPS.'),
    txt(
      'tls-rpt',
      `_smtp._tls.${domain}`,
      `v=TLSRPTv1; rua=mailto:tls-reports@${domain}`,
      'Asks other servers to report when encrypted delivery fails.',
    ),
    cname('autoconfig', 'Lets Thunderbird and others set themselves up.'),
    cname('autodiscover', 'Lets Outlook set itself up.'),
    ...SERVICES.map(({ id, port, why }) => srvRecord({ id, port, why, domain, hostname })),
    {
      id: 'caa',
      type: 'CAA',
      name: domain,
      value: '0 issue "letsencrypt.org"',
      expected: '0 issue "letsencrypt.org"',
      why: 'Names who may issue certificates for the domain. Set it only if you know that nobody else has to.',
      required: false,
    },
    {
      id: 'tlsa',
      type: 'TLSA',
      name: `_25._tcp.${hostname}`,
      value: '',
      expected: '',
      why: 'Lets other servers check the certificate of the mail server by DANE. It is for whoever runs the server to set.',
      required: false,
    },
  ]
}

function srvRecord(of: { id: string; port: number; why: string; domain: string; hostname: string }): PlannedRecord {
  const { id, port, why, domain, hostname } = of
  return {
    id: `srv:${id}`,
    type: 'SRV',
    name: `_${id}._tcp.${domain}`,
    value: `0 1 ${port} ${hostname}.`,
    expected: `0 1 ${port} ${hostname}`,
    why,
    required: false,
  }
}

function dkimRecord(domain: string, key: PlanInput['dkim'][number]): PlannedRecord {
  const text = `v=DKIM1; k=${key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${key.publicKey}`
  const why =
    key.state === 'retiring'
      ? 'Signs nothing any more, but mail signed with it may still be on its way. Leave it for a week.'
      : key.state === 'pending'
        ? 'Will prove that mail is yours and unaltered, once it is seen here.'
        : 'Proves that mail is yours and unaltered.'
  return {
    id: `dkim:${key.selector}`,
    type: 'TXT',
    name: `${key.selector}._domainkey.${domain}`,
    value: quoted(text),
    expected: text,
    why,
    required: key.state !== 'retiring',
  }
}

/** A text as one or more character strings of a zone file (RFC 1035 section 5.1). Ours are printable ASCII. */
function quoted(text: string): string {
  const pieces = text.match(/.{1,255}/gs) ?? ['']
  return pieces.map((piece) => `"${piece.replace(/["\\]/g, '\\$&')}"`).join(' ')
}

/** An hour: long enough for resolvers, short enough that a correction is seen the same day. */
const TTL_S = 3_600

/** The plan as a zone file (RFC 1035 section 5) to be imported at a DNS host. Optional records nobody should set unasked are comments. */
export function zoneFile(domain: string, records: readonly PlannedRecord[]): string {
  const lines = records
    .filter(({ value }) => value !== '')
    .map((one) => {
      const line = `${one.name}.\t${TTL_S}\tIN\t${one.type}\t${one.value}`
      return one.type === 'CAA' ? `; optional: ${line}` : line
    })
  return [`; Records of ${domain} for mail. Everything else in the zone stays as it is.`, ...lines, ''].join('\n')
}
