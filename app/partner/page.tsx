import type { Metadata } from 'next'
import Link from 'next/link'
import { requireActor } from '#server/auth/actor'
import type { ResellerStatistics } from '#server/services/reseller/statistics'
import type { TenantView } from '#server/services/tenant/view'
import { settled } from '../_parts/portal/audit-read'
import { AuditTable } from '../_parts/portal/audit-table'
import { countWords, sizeWords } from '../_parts/subscriber/words'
import { callerFor } from '../_trpc/server'
import {
  Bar,
  ButtonLink,
  Card,
  CardBody,
  CardFooter,
  CardHeader,
  DataTable,
  Empty,
  Flow,
  ListCard,
  ListRow,
  PageHead,
  Stat,
  Stats,
} from '../_ui'
import { withCustomer } from './audit-rows'
import { customerColumns } from './customer-columns'
import { type CustomerDomain, customersOf, domainsOf } from './customers'

export const metadata: Metadata = { title: 'Home' }

const SHOWN = 6
/** Lines of the ledger read for them: some only say that an act began. */
const READ = 12
const NEAR_CAP = 0.9

/** What needs the reseller, the figures, the customers, what changed. */
export default async function PartnerHome() {
  await requireActor('reseller', '/partner')
  const caller = await callerFor()
  const { partner } = caller
  const [statistics, customers, regions, audit] = await Promise.all([
    partner.reseller.statistics(),
    customersOf(caller),
    partner.regions.list(),
    partner.reseller.audit({ limit: READ }),
  ])
  const domains = await domainsOf(caller, customers)
  const names = new Map<string, string>(regions.map(({ id, name }) => [id, name]))
  return (
    <>
      <PageHead
        title="Home"
        lead="What needs you, how many seats are in use, and what changed at your customers."
        acts={
          <ButtonLink kind="primary" icon="plus" href="/partner/customers/add">
            Add a customer
          </ButtonLink>
        }
      />
      <Flow>
        <NeedsYou statistics={statistics} customers={customers} domains={domains} />
        <Figures statistics={statistics} customers={customers} domains={domains} />
        <Seats statistics={statistics} />
        <Card labelledBy="customers">
          <CardHeader id="customers" title="Customers" lead="Those with the fewest free seats come first." />
          <DataTable
            caption="Customers"
            columns={customerColumns(names)}
            rows={fullestFirst(customers).slice(0, SHOWN)}
            rowKey={(customer) => customer.id}
            rowHref={(customer) => `/partner/customers/${customer.id}`}
            empty={
              <Empty
                icon="building"
                title="No customer yet"
                text="Each organisation you host will be here, with its seats and domains."
                act={<ButtonLink href="/partner/customers/add">Add the first</ButtonLink>}
              />
            }
          />
          {customers.length > 0 ? (
            <CardFooter>
              <Link className="link" href="/partner/customers">
                All {countWords(customers.length, 'customer', 'customers')}
              </Link>
            </CardFooter>
          ) : null}
        </Card>
        <Card labelledBy="changed">
          <CardHeader id="changed" title="What changed" lead="The latest acts at your customers." />
          <AuditTable
            rows={withCustomer(settled(audit.items).slice(0, SHOWN), customers)}
            empty="Every change at your customers will be listed, with the reason."
          />
          <CardFooter>
            <Link className="link" href="/partner/audit">
              All acts
            </Link>
          </CardFooter>
        </Card>
      </Flow>
    </>
  )
}

const shareOf = ({ seats }: TenantView): number => (seats.cap === 0 ? 0 : seats.used / seats.cap)
const fullestFirst = (customers: readonly TenantView[]) => customers.toSorted((a, b) => shareOf(b) - shareOf(a))

type Parts = {
  statistics: ResellerStatistics
  customers: readonly TenantView[]
  domains: readonly CustomerDomain[]
}

function Figures({ statistics, customers, domains }: Parts) {
  const { seats, accounts, storage } = statistics
  const active = customers.filter(({ state }) => state === 'active').length
  return (
    <Stats>
      <Stat
        label="Customers"
        value={customers.length}
        change={active === customers.length ? 'All active' : `${customers.length - active} suspended`}
      />
      <Stat
        label="Seats used"
        value={seats.used.toLocaleString('en-GB')}
        of={`of ${seats.cap.toLocaleString('en-GB')}`}
        change={`${seats.free.toLocaleString('en-GB')} free to give`}
      />
      <Stat
        label="Domains"
        value={domains.length}
        of={statistics.domains.cap === null ? undefined : `of ${statistics.domains.cap}`}
        change={`${domains.filter(({ state }) => state === 'verified').length} verified`}
      />
      <Stat
        label="Storage"
        value={sizeWords(storage.usedBytes)}
        change={`${countWords(storage.messages, 'message', 'messages')}, ${accounts.active} active accounts`}
      />
    </Stats>
  )
}

/** Where the seats are: in use, set aside for customers, free. Only what is counted now; the past is not kept yet. */
function Seats({ statistics }: Pick<Parts, 'statistics'>) {
  const { cap, used, claimed, free } = statistics.seats
  const aside = Math.max(0, claimed - used)
  const words = (value: number) => value.toLocaleString('en-GB')
  return (
    <Card labelledBy="seats">
      <CardHeader
        id="seats"
        title="Your seats"
        lead="What is in use, what is set aside for customers, and what is left."
      />
      <CardBody>
        <Bar
          large
          label={`${used} of ${cap} seats in use, ${aside} set aside, ${free} free`}
          max={cap}
          parts={[
            { label: `In use: ${used}`, value: used },
            { label: `Set aside: ${aside}`, value: aside, tone: 'second' },
          ]}
          legend={[
            { label: 'In use', value: words(used) },
            { label: 'Set aside for customers', value: words(aside), tone: 'second' },
            { label: 'Free to give', value: words(free), tone: 'free' },
          ]}
        />
      </CardBody>
    </Card>
  )
}

function NeedsYou({ statistics, customers, domains }: Parts) {
  const { cap, claimed, free } = statistics.seats
  const rows = [
    claimed >= cap * NEAR_CAP ? (
      <ListRow
        key="seats"
        icon="users"
        tone={free === 0 ? 'bad' : 'warn'}
        title={free === 0 ? 'No seat is left to give' : `${free} of ${cap} seats are left`}
        text="New mailboxes are refused when they are gone; existing ones notice nothing. Ask the operator for more."
      />
    ) : null,
    ...customers
      .filter((one) => one.state === 'active' && one.seats.used > 0 && one.seats.used >= one.seats.cap * NEAR_CAP)
      .map(({ id, name, seats }) => (
        <ListRow
          key={`full-${id}`}
          icon="building"
          tone="warn"
          title={`${name} has ${countWords(Math.max(0, seats.cap - seats.used), 'seat', 'seats')} left`}
          text={`${seats.used} of ${seats.cap} are in use. They cannot add people when the last is gone.`}
          act={<ButtonLink href={`/partner/customers/${id}`}>Change seats</ButtonLink>}
        />
      )),
    ...domains
      .filter(({ state }) => state === 'unverified')
      .map(({ id, name, customer }) => (
        <ListRow
          key={id}
          icon="globe"
          tone="warn"
          title={`${name} is not verified`}
          text={`${customer.name} cannot make addresses on it until one DNS record is set.`}
          act={<ButtonLink href={`/partner/customers/${customer.id}`}>Show the record</ButtonLink>}
        />
      )),
    ...customers
      .filter(({ state }) => state === 'suspended')
      .map(({ id, name }) => (
        <ListRow
          key={`off-${id}`}
          icon="pause"
          tone="warn"
          title={`${name} is suspended`}
          text="Nobody there can sign in or send. Nothing was deleted."
          act={<ButtonLink href={`/partner/customers/${id}`}>Open</ButtonLink>}
        />
      )),
  ].filter((row) => row !== null)
  const title = rows.length === 0 ? 'Nothing needs you' : `${countWords(rows.length, 'thing needs', 'things need')} you`
  return (
    <ListCard id="needs" title={title}>
      {rows.length === 0 ? (
        <ListRow icon="ok" tone="good" title="All is in order" text="Seats are free, and every domain is verified." />
      ) : (
        rows
      )}
    </ListCard>
  )
}
