import type { PromiseResult } from '#server/promises/promise'
import { Badge, type Column, DataTable, Status, TimeText } from '../../_ui'

/** Failing ones first, then those that hold, then what no check looks at yet. */
const ORDER: Readonly<Record<PromiseResult['state'], number>> = { failing: 0, kept: 1, 'not built': 2 }

const COLUMNS: Column<PromiseResult>[] = [
  {
    key: 'promise',
    header: 'Promise and what was found',
    cell: ({ id, statement, evidence }) => (
      <span className="stack tight">
        <span className="lab">
          {id}. {statement}
        </span>
        <span className="two">{evidence}</span>
      </span>
    ),
  },
  {
    key: 'checked',
    header: 'Checked',
    phoneLabel: '',
    cell: ({ checkedAt }) => <TimeText className="hint nowrap" at={checkedAt} show="short" />,
  },
  { key: 'state', header: 'State', phone: 'side', cell: ({ state }) => <PromiseState state={state} /> },
]

function PromiseState({ state }: Pick<PromiseResult, 'state'>) {
  switch (state) {
    case 'kept':
      return <Status>Holds</Status>
    case 'failing':
      return (
        <Badge tone="bad" icon="alert">
          Failing
        </Badge>
      )
    case 'not built':
      return <Status state="off">Not built</Status>
  }
}

/** The promises with their latest evidence, as the machine wrote it. */
export function PromisesTable({ results }: { results: readonly PromiseResult[] }) {
  return (
    <DataTable
      caption="Promises, evidence and state"
      airy
      columns={COLUMNS}
      rows={results.toSorted((a, b) => ORDER[a.state] - ORDER[b.state])}
      rowKey={({ id }) => id}
    />
  )
}
