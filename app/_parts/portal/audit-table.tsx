import type { AuditView } from '#server/services/audit/view'
import { Badge, type Column, DataTable, Empty, Status, TimeText } from '../../_ui'
import { actorOf, deedOf } from './audit-words'

/** A line of the ledger and the words for what it concerns. */
export type AuditRow = AuditView & { about: string | null }

const who = (row: AuditRow) => {
  const { name, kind } = actorOf(row)
  return (
    <span className="stack tight">
      <span className="lab">{name}</span>
      {kind ? <span className="hint">{kind}</span> : null}
    </span>
  )
}

const what = (row: AuditRow) => (
  <span className="stack tight">
    <span className="ink">{deedOf(row)}</span>
    {row.reason ? <span className="two">“{row.reason}”</span> : null}
  </span>
)

const COLUMNS: Column<AuditRow>[] = [
  { key: 'who', header: 'Who', cell: who },
  { key: 'what', header: 'What, and the reason given', phoneLabel: '', cell: what },
  { key: 'about', header: 'Concerning', phoneLabel: '', cell: (row) => row.about },
  {
    key: 'when',
    header: 'When',
    phoneLabel: '',
    cell: (row) => <TimeText className="hint nowrap" at={row.at} show="short" />,
  },
  { key: 'outcome', header: 'Outcome', phone: 'side', cell: (row) => <Outcome outcome={row.outcome} /> },
]

function Outcome({ outcome }: Pick<AuditView, 'outcome'>) {
  if (outcome === 'failed' || outcome === 'refused') {
    return (
      <Badge tone="bad" icon={outcome === 'failed' ? 'no' : 'ban'}>
        {outcome === 'failed' ? 'Failed' : 'Refused'}
      </Badge>
    )
  }
  return <Status state={outcome === 'intent' ? 'off' : 'good'}>{outcome === 'intent' ? 'Begun' : 'Done'}</Status>
}

/** Who did what to whom, newest first. Stands in a Card. */
export function AuditTable({ rows, empty }: { rows: readonly AuditRow[]; empty: string }) {
  const columns = rows.some((row) => row.about !== null) ? COLUMNS : COLUMNS.filter(({ key }) => key !== 'about')
  return (
    <DataTable
      caption="What was done, newest first"
      airy
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      empty={<Empty icon="audit" title="Nothing here" text={empty} />}
    />
  )
}
