import type { ResellerView } from '#server/services/reseller/view'
import { hrefOf, one, type Query } from '../../_parts/portal/query'
import { PartyState } from '../../_parts/portal/states'
import { callerFor } from '../../_trpc/server'
import { ButtonLink, Card, type Column, DataTable, Empty, PageHead, Pager, TimeText } from '../../_ui'

const SHOWN = 50

const COLUMNS: Column<ResellerView & { tenants: number }>[] = [
  { key: 'name', header: 'Reseller', cell: ({ name }) => name },
  { key: 'tenants', header: 'Customers', align: 'right', cell: ({ tenants }) => tenants },
  { key: 'seats', header: 'Seats', align: 'right', cell: ({ seatsCap }) => seatsCap.toLocaleString('en-GB') },
  {
    key: 'domains',
    header: 'Domains',
    align: 'right',
    wideOnly: true,
    cell: ({ domainsCap }) => domainsCap ?? 'No limit',
  },
  {
    key: 'since',
    header: 'Since',
    wideOnly: true,
    phone: 'hide',
    cell: ({ createdAt }) => <TimeText className="nowrap" at={createdAt} show="day" />,
  },
  { key: 'state', header: 'State', phone: 'side', cell: ({ state }) => <PartyState state={state} /> },
]

export const afterOf = (query: Query): string | undefined => one(query.after)?.slice(0, 200)

/** The resellers, oldest first, with the sheet of one of them beside it when one is open. */
export async function ResellerList({ after, openId }: { after?: string; openId?: string }) {
  const { operator } = await callerFor()
  const { items, next } = await operator.resellers.list({ after, limit: SHOWN })
  return (
    <>
      <PageHead
        title="Resellers"
        lead="Who sells this service, with how many seats, and whether they may."
        acts={
          <ButtonLink kind="primary" icon="plus" href="/operator/resellers/add">
            Add a reseller
          </ButtonLink>
        }
      />
      <Card label="Resellers">
        <DataTable
          caption="Resellers"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          rowHref={({ id }) => hrefOf(`/operator/resellers/${id}`, { after })}
          openKey={openId}
          empty={
            <Empty
              icon="building"
              title="No reseller yet"
              text="Resellers host organisations under their own name. The first one is where everything starts."
              act={<ButtonLink href="/operator/resellers/add">Add the first</ButtonLink>}
            />
          }
        />
        {after || next ? (
          <Pager
            text={`${items.length} shown`}
            words={['First', 'Next']}
            earlierHref={after ? '/operator/resellers' : undefined}
            laterHref={next ? hrefOf('/operator/resellers', { after: next }) : undefined}
          />
        ) : null}
      </Card>
    </>
  )
}
