import type { AccountId } from '#lib/ids'
import type { AccountView } from '#server/services/account/view'
import { hrefOf, one, oneOf, type Query } from '../../_parts/portal/query'
import { AccountState } from '../../_parts/portal/states'
import { callerFor } from '../../_trpc/server'
import {
  BulkBar,
  Button,
  ButtonLink,
  Card,
  Chips,
  type Column,
  DataTable,
  Empty,
  FilterMenu,
  PageHead,
  Pager,
  SearchBox,
  TimeText,
  Tools,
} from '../../_ui'

export const STATES = [
  { value: 'active', label: 'Active' },
  { value: 'suspended', label: 'Suspended' },
  { value: 'closing', label: 'Closing' },
] as const

const SORTS = ['address', 'name', 'created'] as const
const SHOWN = 50

export type PeopleQuery = {
  q?: string
  state?: (typeof STATES)[number]['value']
  sort?: (typeof SORTS)[number]
  after?: string
}

/** What of the address bar the list understands. */
export const peopleQuery = (query: Query): PeopleQuery => ({
  q: one(query.q)?.slice(0, 200),
  state: oneOf(
    query.state,
    STATES.map(({ value }) => value),
  ),
  sort: oneOf(query.sort, SORTS),
  after: one(query.after)?.slice(0, 200),
})

/** The query as the procedure takes it. */
export const listInput = ({ q, state, sort, after }: PeopleQuery) => ({ search: q, state, sort, after })

function columnsOf(query: PeopleQuery): Column<AccountView>[] {
  const sorted = (sort: (typeof SORTS)[number]) =>
    ({
      sort: (query.sort ?? 'address') === sort ? (sort === 'created' ? 'descending' : 'ascending') : undefined,
      sortHref: hrefOf('/console/people', { q: query.q, state: query.state, sort }),
    }) as const
  return [
    { key: 'name', header: 'Name', cell: (person) => person.name, ...sorted('name') },
    { key: 'address', header: 'Address', phoneLabel: '', cell: (person) => person.address, ...sorted('address') },
    { key: 'role', header: 'Role', cell: (person) => (person.role === 'admin' ? 'Domain admin' : 'Member') },
    {
      key: 'days',
      header: 'Deleted mail',
      align: 'right',
      wideOnly: true,
      phone: 'hide',
      cell: (person) => `${person.recoverDays} d`,
    },
    {
      key: 'created',
      header: 'Added',
      wideOnly: true,
      phone: 'hide',
      cell: (person) => <TimeText className="nowrap" at={person.createdAt} show="day" />,
      ...sorted('created'),
    },
    { key: 'state', header: 'State', phone: 'side', cell: (person) => <AccountState state={person.state} /> },
  ]
}

/** Everyone of the organisation, with the sheet of one of them beside it when one is open. */
export async function PeopleList({ query, openId, ownId }: { query: PeopleQuery; openId?: string; ownId: AccountId }) {
  const { console: desk } = await callerFor()
  const page = await desk.accounts.list({ ...listInput(query), limit: SHOWN })
  const { q, state, sort } = query
  const kept = { q, state, sort }
  return (
    <>
      <PageHead
        title="People"
        lead="Everyone with a mailbox here, what they may do and what state it is in."
        acts={
          <ButtonLink kind="primary" icon="userPlus" href="/console/people/add">
            Add a person
          </ButtonLink>
        }
      />
      <Tools
        push={
          page.total > 0 ? (
            <a className="btn s" href={hrefOf('/console/people/csv', kept)} download>
              CSV of these {page.total.toLocaleString('en-GB')}
            </a>
          ) : null
        }
      >
        <SearchBox
          label="Search people"
          placeholder="Name or address"
          action="/console/people"
          defaultValue={q}
          keep={{ state, sort }}
        />
        <Chips>
          <FilterMenu
            label="State"
            value={STATES.find(({ value }) => value === state)?.label}
            clearHref={hrefOf('/console/people', { q, sort })}
            options={STATES.map(({ value, label }) => ({
              label,
              href: hrefOf('/console/people', { ...kept, state: value }),
              current: value === state,
            }))}
          />
        </Chips>
      </Tools>
      {/* A GET: the next page names everybody concerned and says what will happen, before anything does. */}
      <form action="/console/people/suspend">
        <Card label="People">
          <DataTable
            caption="People of your organisation"
            columns={columnsOf(query)}
            rows={page.items}
            rowKey={(person) => person.accountId}
            rowHref={(person) => hrefOf(`/console/people/${person.accountId}`, { ...kept, after: query.after })}
            openKey={openId}
            select={{
              name: 'pick',
              label: (person) => `Select ${person.address}`,
              disabled: (person) => person.state !== 'active' || person.accountId === ownId,
            }}
            empty={<NoPeople filtered={Boolean(q || state)} />}
          />
          {page.items.length > 0 ? (
            <Pager
              text={pagerText(page.items.length, page.total, Boolean(query.after))}
              words={['First', 'Next']}
              earlierHref={query.after ? hrefOf('/console/people', kept) : undefined}
              laterHref={page.next ? hrefOf('/console/people', { ...kept, after: page.next }) : undefined}
            />
          ) : null}
        </Card>
        <BulkBar
          name="pick"
          noun={['person', 'people']}
          say="Suspending signs them out everywhere and keeps all mail. You are asked for a reason next."
        >
          <Button type="submit" kind="danger" icon="pause">
            Suspend
          </Button>
        </BulkBar>
      </form>
    </>
  )
}

const pagerText = (shown: number, total: number, later: boolean): string =>
  later ? `${shown} more of ${total.toLocaleString('en-GB')}` : `${shown} of ${total.toLocaleString('en-GB')}`

function NoPeople({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Empty
      icon="search"
      title="Nobody fits"
      text="No name or address contains these letters in this state."
      act={<ButtonLink href="/console/people">Show everyone</ButtonLink>}
    />
  ) : (
    <Empty
      icon="users"
      title="Nobody yet"
      text="People with a mailbox on your domains will be here."
      act={<ButtonLink href="/console/people/add">Add the first</ButtonLink>}
    />
  )
}
