import { hrefOf, one, type Query } from '../../_parts/portal/query'
import { callerFor } from '../../_trpc/server'
import { ButtonLink, Card, DataTable, Empty, PageHead, Pager, SearchBox, Tools } from '../../_ui'
import { customerColumns } from '../customer-columns'

const SHOWN = 50

export type CustomerQuery = { q?: string; after?: string }
export const customerQuery = (query: Query): CustomerQuery => ({
  q: one(query.q)?.slice(0, 200),
  after: one(query.after)?.slice(0, 200),
})

/** The customers by name, with the sheet of one of them beside it when one is open. */
export async function CustomerList({ query, openId }: { query: CustomerQuery; openId?: string }) {
  const { partner } = await callerFor()
  const { q, after } = query
  const [page, regions] = await Promise.all([
    partner.tenants.list({ search: q, after, limit: SHOWN }),
    partner.regions.list(),
  ])
  return (
    <>
      <PageHead
        title="Customers"
        lead="The organisations you host: seats, domains, where their mail is kept."
        acts={
          <ButtonLink kind="primary" icon="plus" href="/partner/customers/add">
            Add a customer
          </ButtonLink>
        }
      />
      <Tools
        push={
          page.items.length > 0 ? (
            <a className="btn s" href={hrefOf('/partner/customers/csv', { q })} download>
              CSV of what is shown
            </a>
          ) : null
        }
      >
        <SearchBox label="Search customers" placeholder="Name" action="/partner/customers" defaultValue={q} />
      </Tools>
      <Card label="Customers">
        <DataTable
          caption="Customers"
          columns={customerColumns(new Map<string, string>(regions.map(({ id, name }) => [id, name])))}
          rows={page.items}
          rowKey={(customer) => customer.id}
          rowHref={(customer) => hrefOf(`/partner/customers/${customer.id}`, { q, after })}
          openKey={openId}
          empty={
            q ? (
              <Empty
                icon="search"
                title="No customer fits"
                text="No name contains these letters."
                act={<ButtonLink href="/partner/customers">Show all</ButtonLink>}
              />
            ) : (
              <Empty
                icon="building"
                title="No customer yet"
                text="Each organisation you host will be here, with its seats and domains."
                act={<ButtonLink href="/partner/customers/add">Add the first</ButtonLink>}
              />
            )
          }
        />
        {after || page.next ? (
          <Pager
            text={`${page.items.length} shown`}
            words={['First', 'Next']}
            earlierHref={after ? hrefOf('/partner/customers', { q }) : undefined}
            laterHref={page.next ? hrefOf('/partner/customers', { q, after: page.next }) : undefined}
          />
        ) : null}
      </Card>
    </>
  )
}
