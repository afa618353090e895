import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { SystemStatus } from '#server/services/system/status'
import { callerFor } from '../../_trpc/server'
import { Card, type Column, DataTable, Empty, PageHead } from '../../_ui'

export const metadata: Metadata = { title: 'Regions' }

const COLUMNS: Column<SystemStatus['regions'][number]>[] = [
  { key: 'name', header: 'Region', cell: ({ name }) => name },
  { key: 'id', header: 'Short name', cell: ({ id }) => <span className="mono">{id}</span> },
  {
    key: 'entity',
    header: 'Legal entity that stores the mail',
    phoneLabel: 'Legal entity',
    cell: (r) => r.legalEntity,
  },
  { key: 'law', header: 'Jurisdiction', cell: ({ jurisdiction }) => jurisdiction },
  { key: 'tenants', header: 'Organisations', align: 'right', cell: ({ tenants }) => tenants },
]

export default async function RegionsPage() {
  await requireActor('operator', '/operator/regions')
  const { operator } = await callerFor()
  const { regions } = await operator.system.status()
  return (
    <>
      <PageHead title="Regions" lead="Where mail is stored, by whom, and under which law it stands." />
      <Card label="Regions">
        <DataTable
          caption="Regions"
          columns={COLUMNS}
          rows={regions}
          rowKey={({ id }) => id}
          empty={
            <Empty
              icon="pin"
              title="No region yet"
              text="A region is a mail database; it is set when the house starts."
            />
          }
        />
      </Card>
    </>
  )
}
