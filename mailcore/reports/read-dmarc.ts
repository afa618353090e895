import { createElementReader, type ElementReader } from './elements'
import { REPORT_LIMITS } from './limits'
import type { Aligned, Authentication, DmarcReport, DmarcRow } from './model'
import { unfit } from './refusal'
import { addressOf, countOf, domainOf, textOf, wordOf } from './values'

/** What a report says of itself, before who brought it is known. */
export type DmarcContent = Omit<DmarcReport, 'submitter' | 'submitterDomain'>

/**
 * Reads an aggregate report (RFC 7489 appendix C) as its bytes come. `finish` throws a refusal when it was none. Fields that are missing or odd are left
 * empty, as nearly every sender has some; what decides whose report it is must be there.
 */
export function createDmarcReader(): { reader: ElementReader; finish(): DmarcContent } {
  const head = new Map<string, string>()
  const rows = createRows()
  let record = emptyRecord()
  const reader = createElementReader((path, text) => {
    if (path === 'feedback/record') {
      rows.add(rowOf(record))
      record = emptyRecord()
    } else if (path.startsWith('feedback/record/')) readRecord(record, path.slice('feedback/record/'.length), text)
    else if (path.startsWith('feedback/') && !head.has(path)) head.set(path.slice('feedback/'.length), text)
  })
  const of = (path: string) => head.get(path) ?? ''
  return {
    reader,
    finish: () => {
      reader.end()
      const domain = domainOf(of('policy_published/domain'))
      const reportId = textOf(of('report_metadata/report_id'))
      if (domain === '' || reportId === '') throw unfit('not-a-report')
      return {
        kind: 'dmarc',
        organisation: textOf(of('report_metadata/org_name')) || 'unnamed',
        reportId,
        beginAt: secondsOf(of('report_metadata/date_range/begin')),
        endAt: secondsOf(of('report_metadata/date_range/end')),
        policy: {
          domain,
          p: wordOf(of('policy_published/p')) || 'none',
          sp: wordOf(of('policy_published/sp')),
          pct: Math.min(100, countOf(of('policy_published/pct') || 100)),
        },
        ...rows.finish(),
      }
    },
  }
}

/** Seconds since 1970; 1970 itself for what is no time. */
const secondsOf = (text: string): Date => new Date(/^\d{1,12}$/.test(text) ? Number(text) * 1000 : 0)

interface Record {
  fields: Map<string, string>
  signatures: Authentication[]
  signature: Map<string, string>
  spf: Map<string, string>
}

const emptyRecord = (): Record => ({ fields: new Map(), signatures: [], signature: new Map(), spf: new Map() })

function readRecord(record: Record, path: string, text: string): void {
  if (path === 'auth_results/dkim') {
    if (record.signatures.length < REPORT_LIMITS.signatures) record.signatures.push(authentication(record.signature))
    record.signature = new Map()
  } else if (path.startsWith('auth_results/dkim/')) record.signature.set(path.slice('auth_results/dkim/'.length), text)
  else if (path.startsWith('auth_results/spf/')) record.spf.set(path.slice('auth_results/spf/'.length), text)
  else record.fields.set(path, text)
}

function authentication(fields: Map<string, string>): Authentication {
  const selector = textOf(fields.get('selector')).slice(0, 63)
  const found = { domain: domainOf(fields.get('domain')), result: wordOf(fields.get('result')) || 'none' }
  return selector === '' ? found : { ...found, selector }
}

const aligned = (text: string | undefined): Aligned => (wordOf(text) === 'pass' ? 'pass' : 'fail')

function rowOf({ fields, signatures, spf }: Record): DmarcRow {
  const disposition = wordOf(fields.get('row/policy_evaluated/disposition'))
  return {
    source: addressOf(fields.get('row/source_ip')),
    messages: countOf(fields.get('row/count')),
    disposition: disposition === 'quarantine' || disposition === 'reject' ? disposition : 'none',
    dkim: aligned(fields.get('row/policy_evaluated/dkim')),
    spf: aligned(fields.get('row/policy_evaluated/spf')),
    headerFrom: domainOf(fields.get('identifiers/header_from')),
    signatures: signatures.filter(({ domain }) => domain !== ''),
    sender: spf.size > 0 ? authentication(spf) : null,
    override: wordOf(fields.get('row/policy_evaluated/reason/type')) || null,
  }
}

/** Joins rows that are alike in all that is shown, and keeps the largest: memory is bounded by what is kept, not by what was sent. */
function createRows() {
  const byKey = new Map<string, DmarcRow>()
  const rest = { messages: 0, passed: 0 }
  let records = 0
  const shrink = (most: number) => {
    const sorted = [...byKey].sort(([, a], [, b]) => b.messages - a.messages)
    for (const [key, row] of sorted.slice(most)) {
      byKey.delete(key)
      rest.messages += row.messages
      if (row.dkim === 'pass' || row.spf === 'pass') rest.passed += row.messages
    }
  }
  return {
    add: (row: DmarcRow) => {
      if (++records > REPORT_LIMITS.records) throw unfit('too-many-records')
      if (row.source === '' || row.messages === 0) return
      const { messages, ...rest } = row
      const key = JSON.stringify(rest)
      const known = byKey.get(key)
      if (known) known.messages += messages
      else byKey.set(key, row)
      if (byKey.size > REPORT_LIMITS.rows * 4) shrink(REPORT_LIMITS.rows * 2)
    },
    finish: (): Pick<DmarcReport, 'rows' | 'rest'> => {
      shrink(REPORT_LIMITS.rows)
      return { rows: [...byKey.values()].sort((a, b) => b.messages - a.messages), rest }
    },
  }
}
