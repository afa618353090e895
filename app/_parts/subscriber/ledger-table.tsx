import type { AuditView } from '#server/services/audit/view'
import { Badge, type Column, DataTable, Empty, Status, TimeText } from '../../_ui'
import { ledgerWords } from './ledger-words'

type Row = AuditView & { ownId: string }

const COLUMNS: Column<Row>[] = [
  {
    key: 'who',
    header: 'Who',
    cell: (row) => {
      const { who, role } = ledgerWords(row, row.ownId)
      return (
        <span className="stack tight">
          <span className="lab">{who}</span>
          {role ? <span className="hint font-text">{role}</span> : null}
        </span>
      )
    },
  },
  {
    key: 'did',
    header: 'What, and the reason given',
    phoneLabel: '',
    cell: (row) => (
      <span className="stack tight">
        <span className="ink">{ledgerWords(row, row.ownId).did}</span>
        {row.reason ? <span className="two">“{row.reason}”</span> : null}
      </span>
    ),
  },
  {
    key: 'when',
    header: 'When',
    phoneLabel: '',
    cell: (row) => <TimeText className="hint nowrap" at={row.at} show="short" />,
  },
  {
    key: 'outcome',
    header: 'Outcome',
    align: 'right',
    phone: 'side',
    cell: (row) => <Outcome outcome={row.outcome} />,
  },
]

function Outcome({ outcome }: { outcome: AuditView['outcome'] }) {
  if (outcome === 'failed') {
    return (
      <Badge tone="bad" icon="no">
        Failed
      </Badge>
    )
  }
  if (outcome === 'refused') {
    return (
      <Badge tone="bad" icon="ban">
        Refused
      </Badge>
    )
  }
  return <Status state={outcome === 'intent' ? 'off' : 'good'}>{outcome === 'intent' ? 'Begun' : 'Done'}</Status>
}

/** Lines of the access ledger. `ownId` is the reader's account, so that their own acts say "You". */
export function LedgerTable({
  entries,
  ownId,
  empty,
}: {
  entries: readonly AuditView[]
  ownId: string
  empty: string
}) {
  return (
    <DataTable
      caption="Access ledger, newest first"
      airy
      columns={COLUMNS}
      rows={entries.map((entry) => ({ ...entry, ownId }))}
      rowKey={(row) => row.id}
      empty={<Empty icon="eye" title="Nobody yet" text={empty} />}
    />
  )
}
