'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReceiptView } from '#server/services/trace/receipt'
import { useTRPC } from '../../../_trpc/client'
import { type Column, DataTable, Receipt } from '../../../_ui'
import { countWords } from '../words'

type Attempt = ReceiptView['attempts'][number]

const COLUMNS: Column<Attempt>[] = [
  {
    key: 'host',
    header: 'Host',
    cell: ({ host, recipients }) => (
      <>
        <span className="mono">{host}</span>
        <span className="hint block t12">for {recipients.join(', ')}</span>
      </>
    ),
  },
  {
    key: 'tls',
    header: 'Encryption',
    cell: ({ tls }) =>
      tls ? `${tls.version}, ${tls.verified ? 'host proven' : 'host not proven'}` : 'None: that server offers none',
  },
  {
    key: 'policy',
    header: 'Policy',
    cell: ({ mtaSts, dane }) =>
      dane !== 'none' ? `DANE ${dane}` : mtaSts !== 'none' ? `MTA-STS ${mtaSts}` : 'It publishes none',
  },
  {
    key: 'answer',
    header: 'Answer',
    cell: ({ code, text }) => <span className="mono">{`${code} ${text}`.trim()}</span>,
  },
]

/** The privacy receipt of a message that its owner sent; nothing while there is none, or where it was sent elsewhere. */
export function SentReceipt({ messageId }: { messageId: string }) {
  const trpc = useTRPC()
  const { data } = useQuery(trpc.dashboard.trace.receipt.queryOptions({ messageId }))
  if (!data) return null
  const { header, removed, local, remote, attempts } = data
  const fields = header.split(/\r\n(?![ \t])/).filter((line) => line.includes(':')).length
  const hosts = new Set(attempts.map(({ host }) => host)).size
  return (
    <Receipt
      title={`${countWords(fields, 'header', 'headers')} left, ${removed.length === 0 ? 'nothing had to be taken out' : `${countWords(removed.length, 'field', 'fields')} taken out or rewritten`}.`}
      text={travelWords(local.length, remote.length, hosts)}
      stayed={[
        { term: 'Your address in the network', value: 'Never written' },
        { term: 'Your device and program', value: 'Never written' },
        ...removed.map((name) => ({ term: name, value: 'Taken out or rewritten' })),
        ...local.map((address) => ({ term: address, value: 'Reached inside: it left no server of ours' })),
      ]}
      left={header.trimEnd()}
      hosts={
        remote.length === 0 ? (
          <p className="px-3 pb-3">It did not travel: everybody it is for has a mailbox here.</p>
        ) : attempts.length === 0 ? (
          <p className="px-3 pb-3">
            No server has answered so far. What each of them says will stand here; where none can be reached, a report
            comes to your inbox.
          </p>
        ) : (
          <DataTable caption="Hosts that took it, or did not" columns={COLUMNS} rows={attempts} rowKey={keyOf} />
        )
      }
    />
  )
}

const keyOf = ({ host, at, recipients }: Attempt): string => `${host} ${at} ${recipients.join(' ')}`

function travelWords(local: number, remote: number, hosts: number): string {
  if (remote === 0) return 'It never left this network.'
  const inside = local > 0 ? ` ${countWords(local, 'person', 'people')} reached inside.` : ''
  return hosts === 0 ? `On its way.${inside}` : `Went to ${countWords(hosts, 'host', 'hosts')}.${inside}`
}
