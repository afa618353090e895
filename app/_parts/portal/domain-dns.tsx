import type { DnsView, RecordView } from '#server/services/dns/read'
import {
  Badge,
  Card,
  CardBody,
  CardHeader,
  type Column,
  DataTable,
  Facts,
  Flow,
  Note,
  Status,
  TimeText,
} from '../../_ui'
import { CopyButton } from '../subscriber/copy-button'
import { countWords } from '../subscriber/words'
import type { FormAct } from './act'
import { ActForm } from './act-form'
import { ConfirmAct } from './confirm-act'

export type DomainDnsProps = {
  view: DnsView
  acts: { check: FormAct; setMtaSts: FormAct; rotateDkim: FormAct }
  /** Hidden values of every form: the domain's id, and for a reseller the customer's. */
  values: Record<string, string>
  /** Where the zone file is. */
  zoneHref: string
}

/** The records of a domain: what is to be set, what is in order, its policy and its signing keys. */
export function DomainDns({ view, acts, values, zoneHref }: DomainDnsProps) {
  const { records, keys } = view
  const todo = records.filter(isTodo)
  const fine = records.filter((record) => !isTodo(record))
  const seen = records.find(({ checkedAt }) => checkedAt !== null)?.checkedAt
  return (
    <Flow>
      <Card labelledBy="todo">
        <CardHeader
          id="todo"
          title={
            todo.length === 0
              ? 'All that mail needs is in order'
              : `${countWords(todo.length, 'record', 'records')} to set`
          }
          lead={
            seen ? (
              <>
                Looked up on <TimeText at={seen} />. This is done once a day, and whenever you ask.
              </>
            ) : (
              'Not looked up yet.'
            )
          }
          aside={
            <a className="link" href={zoneHref} download>
              Zone file
            </a>
          }
        />
        <CardBody>
          <ActForm
            id="check-dns"
            action={acts.check}
            values={values}
            fields={[]}
            submit="Check now"
            submitIcon="refresh"
            refused="The records were not looked up."
          />
        </CardBody>
        {todo.map((record) => (
          <RecordPart key={record.id} record={record} />
        ))}
      </Card>
      <Card labelledBy="fine">
        <CardHeader
          id="fine"
          title="In order, or good to have"
          lead="Mail works without those that are not set. Open one to read what it is for and copy it."
        />
        {fine.map((record) => (
          <details key={record.id} className="border-line border-t">
            <summary className="row between px-5 py-4">
              <span className="cut">
                <span className="mono t13">{record.type}</span> {record.name}
              </span>
              <RecordState record={record} />
            </summary>
            <RecordBody record={record} />
          </details>
        ))}
      </Card>
      <PolicyCard view={view} action={acts.setMtaSts} values={values} />
      <KeysCard keys={keys} action={acts.rotateDkim} values={values} />
    </Flow>
  )
}

/** What mail needs, and what would lead programs astray. */
const isTodo = ({ state, required }: RecordView): boolean => state === 'wrong' || (required && state !== 'right')

function RecordPart({ record }: { record: RecordView }) {
  return (
    <section className="border-line border-t" aria-label={`${record.type} ${record.name}`}>
      <div className="row between px-5 pt-4">
        <h3 className="t14 strong cut">
          {record.type} {record.name}
        </h3>
        <RecordState record={record} />
      </div>
      <RecordBody record={record} />
    </section>
  )
}

function RecordBody({ record }: { record: RecordView }) {
  const { name, expected, found, state, why } = record
  return (
    <CardBody>
      <p className="prose">{why}</p>
      {expected === '' ? null : (
        <>
          <Facts
            items={[
              { term: 'Type', value: record.type, mono: true },
              { term: 'Name', value: name, mono: true },
              { term: 'Value', value: <span className="break-all">{expected}</span>, mono: true },
              ...(state === 'wrong' && found !== null
                ? [{ term: 'Found', value: <span className="break-all">{found}</span>, mono: true }]
                : []),
            ]}
          />
          <div className="row many">
            <CopyButton text={name} label="Copy the name" />
            <CopyButton text={expected} label="Copy the value" />
          </div>
        </>
      )}
    </CardBody>
  )
}

function RecordState({ record }: { record: RecordView }) {
  switch (record.state) {
    case 'right':
      return <Status>Right</Status>
    case 'wrong':
      return (
        <Badge tone={record.required ? 'bad' : 'warn'} icon="alert">
          Wrong
        </Badge>
      )
    case 'missing':
      return record.required ? (
        <Badge tone="warn" icon="alert">
          Missing
        </Badge>
      ) : (
        <Status state="off">Not set</Status>
      )
    case 'unknown':
      return <Status state="off">Not known</Status>
  }
}

type Part = { action: FormAct; values: Record<string, string> }

function PolicyCard({ view, action, values }: Part & { view: DnsView }) {
  return (
    <Card labelledBy="policy">
      <CardHeader
        id="policy"
        title="Encrypted delivery (MTA-STS)"
        lead="What other servers are to do when they cannot reach yours over verified TLS."
      />
      <CardBody>
        <ActForm
          id="mta-sts"
          action={action}
          values={values}
          saved
          fields={[
            {
              kind: 'radio',
              name: 'mode',
              label: 'Policy',
              defaultValue: view.domain.mtaSts,
              options: [
                {
                  value: 'enforce',
                  label: 'Enforce',
                  help: 'They keep the mail and tell its sender rather than deliver in the clear. A mistake in your MX records then stops mail, for up to two weeks with servers that know the policy.',
                },
                {
                  value: 'testing',
                  label: 'Testing',
                  help: 'They deliver anyway and report what failed. Begin here, and enforce once the reports are clean.',
                },
                {
                  value: 'none',
                  label: 'None',
                  help: 'They forget the policy within a day. Whoever sits on the line can have mail delivered in the clear.',
                },
              ],
            },
          ]}
          submit="Save the policy"
          submitKind="plain"
          refused="The policy was not changed."
        >
          <Note>
            The record _mta-sts has another id after a change: set it anew, or other servers keep to the old policy.
          </Note>
        </ActForm>
      </CardBody>
    </Card>
  )
}

const KEY_STATES = {
  pending: <Status state="warn">Waits for its record</Status>,
  active: <Status>Signs</Status>,
  retiring: <Status state="off">Signs no more</Status>,
  retired: <Status state="off">Destroyed</Status>,
} as const

const KEY_COLUMNS: Column<DnsView['keys'][number]>[] = [
  { key: 'selector', header: 'Selector', cell: ({ selector }) => <span className="mono">{selector}</span> },
  {
    key: 'algorithm',
    header: 'Kind',
    cell: ({ algorithm }) => (algorithm === 'rsa-sha256' ? 'RSA, 2048 bits' : 'Ed25519'),
  },
  { key: 'since', header: 'Since', phone: 'hide', cell: ({ stateAt }) => <TimeText at={stateAt} show="day" /> },
  { key: 'state', header: 'State', phone: 'side', cell: ({ state }) => KEY_STATES[state] },
]

function KeysCard({ keys, action, values }: Part & { keys: DnsView['keys'] }) {
  return (
    <Card labelledBy="keys">
      <CardHeader
        id="keys"
        title="Signing keys (DKIM)"
        lead="They prove that mail is yours. New ones are made every half year; the old sign until the records of the new are seen."
        aside={
          keys.length === 0 ? null : (
            <ConfirmAct
              harmless
              trigger="Make new keys"
              triggerSize="s"
              title="Make new signing keys?"
              text="You get two new records to set. The present keys sign until those are seen, so nothing is lost if it takes days."
              confirm="Make new keys"
              values={values}
              action={action}
            />
          )
        }
      />
      <DataTable
        caption="Signing keys of this domain"
        columns={KEY_COLUMNS}
        rows={keys}
        rowKey={({ id }) => id}
        empty={
          <Note>There is no key yet. Keys are made once the domain is verified; “Check now” makes them at once.</Note>
        }
      />
    </Card>
  )
}
