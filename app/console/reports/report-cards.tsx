import type { Hint } from '#server/services/report/hints'
import type { ReportsView, SourceKind, SourceView, TlsFailureView } from '#server/services/report/summarise'
import { Badge, Card, CardFooter, CardHeader, type Column, DataTable, Empty, ListCard, ListRow } from '../../_ui'

const ICONS = { good: 'ok', info: 'info', warn: 'alert', bad: 'no' } as const

/** What the reports mean, worst first. */
export function HintsCard({ hints }: { hints: readonly Hint[] }) {
  return (
    <ListCard id="meaning" title="What this means">
      {hints.length === 0 ? (
        <ListRow icon="ok" tone="good" title="Nothing needs you" text="No report in this time shows anything odd." />
      ) : (
        hints.map(({ tone, title, text }) => (
          <ListRow key={title} icon={ICONS[tone]} tone={tone === 'info' ? undefined : tone} title={title} text={text} />
        ))
      )}
    </ListCard>
  )
}

const figure = (n: number): string => n.toLocaleString('en-GB')

const KINDS: Readonly<Record<SourceKind, { word: string; tone?: 'good' | 'warn' }>> = {
  yours: { word: 'Yours', tone: 'good' },
  forwarded: { word: 'Forwarded' },
  unsigned: { word: 'Yours, unsigned' },
  service: { word: 'A service', tone: 'warn' },
  stranger: { word: 'Not listed', tone: 'warn' },
}

const SOURCES: Column<SourceView>[] = [
  { key: 'address', header: 'Server', cell: ({ address }) => <span className="num">{address}</span> },
  {
    key: 'kind',
    header: 'Looks like',
    phone: 'side',
    cell: ({ kind, service }) => (
      <Badge tone={KINDS[kind].tone} icon={KINDS[kind].tone === 'warn' ? 'alert' : undefined}>
        {kind === 'service' ? service : KINDS[kind].word}
      </Badge>
    ),
  },
  { key: 'messages', header: 'Messages', align: 'right', cell: ({ messages }) => figure(messages) },
  {
    key: 'passed',
    header: 'Proved to be yours',
    align: 'right',
    cell: ({ passed, messages }) => `${figure(passed)} of ${figure(messages)}`,
  },
  { key: 'dkim', header: 'Signed (DKIM)', align: 'right', cell: ({ dkimPassed }) => figure(dkimPassed) },
  { key: 'spf', header: 'Listed (SPF)', align: 'right', cell: ({ spfPassed }) => figure(spfPassed) },
  {
    key: 'kept',
    header: 'Kept out',
    align: 'right',
    wideOnly: true,
    cell: ({ quarantined, rejected }) => figure(quarantined + rejected),
  },
  {
    key: 'by',
    header: 'Reported by',
    wideOnly: true,
    phone: 'hide',
    cell: ({ organisations }) => organisations.slice(0, 3).join(', '),
  },
]

/** Servers that sent mail with the domain as its author's. */
export function SourcesCard({ domain, dmarc }: { domain: string; dmarc: ReportsView['dmarc'] }) {
  return (
    <Card labelledBy="sources">
      <CardHeader
        id="sources"
        title="Who sends as you"
        lead={`Servers that sent mail with an author at ${domain}, as those who received it report.`}
      />
      <DataTable
        caption="Servers that send as this domain, most mail first"
        columns={SOURCES}
        rows={dmarc.sources}
        rowKey={({ address }) => address}
        empty={
          <Empty
            icon="send"
            title="Nothing reported in this time"
            text="Servers that send mail in your name will be listed here, with how much of it proved to be yours."
          />
        }
      />
      {dmarc.rest.messages > 0 ? (
        <CardFooter>
          {`And ${figure(dmarc.rest.messages)} messages from further servers, of which ${figure(dmarc.rest.passed)} proved to be yours.`}
        </CardFooter>
      ) : null}
    </Card>
  )
}

const FAILURES: Column<TlsFailureView>[] = [
  { key: 'type', header: 'What failed', cell: ({ type }) => type },
  { key: 'sessions', header: 'Connections', align: 'right', cell: ({ sessions }) => figure(sessions) },
  { key: 'hosts', header: 'At', cell: ({ hosts }) => hosts.join(', ') || 'not said' },
  { key: 'by', header: 'Reported by', cell: ({ organisations }) => organisations.join(', ') },
]

/** Connections to the domain's mail servers that could not be made safe (RFC 8460). */
export function FailuresCard({ tls }: { tls: ReportsView['tls'] }) {
  return (
    <Card labelledBy="tls">
      <CardHeader
        id="tls"
        title="Encryption on the way to you"
        lead={`${figure(tls.succeeded)} connections were safe, ${figure(tls.failed)} were not.`}
      />
      <DataTable
        caption="TLS failures by kind"
        columns={FAILURES}
        rows={tls.failures}
        rowKey={({ type }) => type}
        empty={
          <Empty
            icon="lock"
            title="No failure reported"
            text="Where a server cannot reach yours over TLS as your policy asks, it says so in a daily report."
          />
        }
      />
    </Card>
  )
}
