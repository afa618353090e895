import type { Suppressed, WaitingMail } from '#server/services/queue/list'
import type { SendingState } from '#server/services/sending/state'
import type { FormAct } from '../../_parts/portal/act'
import { ActForm } from '../../_parts/portal/act-form'
import { ConfirmAct } from '../../_parts/portal/confirm-act'
import { type Column, DataTable, Empty, ListCard, ListRow, Status, TimeText } from '../../_ui'
import { letSend, tryAgain } from './acts'

const WORDS = { waiting: 'Waiting', held: 'Held', failed: 'Failed' } as const

const whoOf = (row: WaitingMail, names: ReadonlyMap<string, string>): string =>
  row.origin === 'list' ? 'A list' : (names.get(row.accountId) ?? 'An account that is gone')

const valuesOf = (row: WaitingMail, queueAct: string) => ({
  queueId: row.id,
  position: String(row.position),
  queueAct,
})

const columnsOf = (names: ReadonlyMap<string, string>, change: FormAct): Column<WaitingMail>[] => [
  { key: 'to', header: 'To', cell: (row) => <span className="cut">{row.recipient ?? 'Not readable'}</span> },
  { key: 'from', header: 'From', cell: (row) => <span className="cut">{whoOf(row, names)}</span> },
  {
    key: 'state',
    header: 'State',
    cell: ({ state }) => (
      <Status state={state === 'failed' ? 'bad' : state === 'held' ? 'off' : 'warn'}>{WORDS[state]}</Status>
    ),
  },
  {
    key: 'answer',
    header: 'Last answer',
    cell: ({ attempts, lastCode }) =>
      attempts === 0 ? 'Not tried yet' : `${lastCode ?? 'None'}, after ${attempts} tries`,
  },
  { key: 'since', header: 'Since', cell: ({ queuedAt }) => <TimeText at={queuedAt} show="short" /> },
  {
    key: 'acts',
    header: 'Acts',
    phoneLabel: '',
    cell: (row) =>
      row.state === 'failed' ? (
        'Its sender is being told'
      ) : (
        <div className="row near many">
          <ActForm
            id={`q-${row.id}-${row.position}`}
            action={change}
            fields={[]}
            values={valuesOf(row, row.state === 'held' ? 'retry' : 'hold')}
            submit={row.state === 'held' ? 'Let go' : 'Hold'}
            submitKind="plain"
            refused="Nothing was changed."
          />
          <ConfirmAct
            trigger="Cancel"
            triggerSize="s"
            title="Cancel this mail?"
            text="It is taken out of the queue and never sent. Its sender is not told."
            confirm="Cancel it"
            cancel="Keep it"
            values={valuesOf(row, 'cancel')}
            action={change}
          />
        </div>
      ),
  },
]

export function WaitingTable({
  rows,
  names,
  change,
}: {
  rows: WaitingMail[]
  names: ReadonlyMap<string, string>
  change: FormAct
}) {
  return (
    <DataTable
      caption="Mail that waits"
      columns={columnsOf(names, change)}
      rows={rows}
      rowKey={({ id, position }) => `${id}:${position}`}
      empty={
        <Empty icon="send" title="Nothing waits" text="Mail that another server does not take at once will be here." />
      }
    />
  )
}

const CAUSES = {
  unknown: 'There is no such mailbox',
  refused: 'It refuses your mail',
  complaint: 'Its owner has complained',
  person: 'Put here by a person',
} as const

const SUPPRESSED: Column<Suppressed>[] = [
  {
    key: 'address',
    header: 'Address',
    cell: ({ address }) => <span className="cut">{address ?? 'Not readable'}</span>,
  },
  { key: 'cause', header: 'Why', cell: ({ cause }) => CAUSES[cause] },
  { key: 'until', header: 'Until', cell: ({ expiresAt }) => <TimeText at={expiresAt} show="day" /> },
  {
    key: 'acts',
    header: 'Acts',
    phoneLabel: '',
    cell: ({ id }) => (
      <ActForm
        id={`s-${id}`}
        action={tryAgain}
        fields={[]}
        values={{ suppression: id }}
        submit="Try again"
        submitKind="plain"
        refused="Nothing was changed."
      />
    ),
  },
]

export function SuppressedTable({ rows }: { rows: Suppressed[] }) {
  return (
    <DataTable
      caption="Addresses not tried"
      columns={SUPPRESSED}
      rows={rows}
      rowKey={({ id }) => id}
      empty={<Empty icon="check" title="None" text="Addresses that other servers do not know will be here." />}
    />
  )
}

const FROZEN = {
  rate: 'More mail in an hour than a person writes. Ask its owner, and change the password, before you lift this.',
  bounces: 'Too much of its mail went to addresses that do not exist.',
  person: 'Stopped by a person.',
} as const

export function FrozenCard({ frozen, names }: { frozen: SendingState['frozen']; names: ReadonlyMap<string, string> }) {
  if (frozen.length === 0) return null
  return (
    <ListCard id="frozen" title="May not send" lead="A cap has stopped these accounts. They still receive mail.">
      {frozen.map(({ accountId, cause, since }) => (
        <ListRow
          key={accountId}
          icon="ban"
          tone="bad"
          title={names.get(accountId) ?? 'A list, or an account that is gone'}
          text={
            <>
              Since <TimeText at={since} show="short" />. {FROZEN[cause]}
            </>
          }
          act={
            <ConfirmAct
              trigger="Let it send"
              triggerSize="s"
              triggerKind="quiet"
              title="Let this account send again?"
              text="Its count starts anew. If its password was stolen, whoever has it sends again too."
              confirm="Let it send"
              harmless
              values={{ accountId }}
              action={letSend}
            />
          }
        />
      ))}
    </ListCard>
  )
}
