import type { Metadata } from 'next'
import Link from 'next/link'
import { requireActor } from '#server/auth/actor'
import type { AccountView } from '#server/services/account/view'
import type { DomainView } from '#server/services/domain/view'
import type { TenantView } from '#server/services/tenant/view'
import { settled } from '../_parts/portal/audit-read'
import { AuditTable } from '../_parts/portal/audit-table'
import { allOf } from '../_parts/portal/query'
import { countWords, dayWords } from '../_parts/subscriber/words'
import { callerFor } from '../_trpc/server'
import {
  ButtonLink,
  Card,
  CardFooter,
  CardHeader,
  Flow,
  ListCard,
  ListRow,
  PageHead,
  Stat,
  Stats,
  TimeText,
} from '../_ui'
import { withWhom } from './audit-rows'

export const metadata: Metadata = { title: 'Overview' }

const SHOWN = 6
/** Read for them: some only say that an act began. */
const READ = 12
/** From this share of the seats on, the next people may not fit. */
const NEAR_CAP = 0.9

/** Is anything wrong, what changed, what next. */
export default async function ConsoleHome() {
  await requireActor('domain-admin', '/console')
  const caller = await callerFor()
  const { console: desk } = caller
  const [tenant, domains, amiss, people, audit] = await Promise.all([
    desk.tenant.get(),
    desk.domains.list(),
    desk.domains.amiss(),
    allOf((page) => desk.accounts.list(page)),
    desk.tenant.audit({ limit: READ }),
  ])
  const rows = await withWhom(caller, settled(audit.items).slice(0, SHOWN))
  const verified = domains.filter(({ state }) => state === 'verified')
  const stopped = people.filter(({ state }) => state !== 'active').length
  return (
    <>
      <PageHead
        title="Overview"
        lead="What needs you, how full your organisation is, and who changed what."
        acts={
          <ButtonLink kind="primary" icon="userPlus" href="/console/people/add">
            Add a person
          </ButtonLink>
        }
      />
      <Flow>
        <NeedsYou tenant={tenant} domains={domains} amiss={amiss} people={people} />
        <Stats>
          <Stat
            label="Seats in use"
            value={tenant.seats.used.toLocaleString('en-GB')}
            of={`of ${tenant.seats.cap.toLocaleString('en-GB')}`}
            change={`${Math.max(0, tenant.seats.cap - tenant.seats.used).toLocaleString('en-GB')} free`}
          />
          <Stat
            label="People active"
            value={people.filter(({ state }) => state === 'active').length.toLocaleString('en-GB')}
            change={stopped === 0 ? 'Nobody is stopped' : `${stopped} suspended, closing or being set up`}
          />
          <Stat
            label="Domains verified"
            value={verified.length}
            of={`of ${domains.length}`}
            change={countWords(
              verified.reduce((sum, { addresses }) => sum + addresses, 0),
              'address',
              'addresses',
            )}
          />
          <Stat
            label="Deleted mail"
            value={dayWords(tenant.recoverDays)}
            change={<Link href="/console/retention">Change the ceiling</Link>}
          />
        </Stats>
        <Card labelledBy="changed">
          <CardHeader id="changed" title="What changed" lead="The latest acts in your organisation." />
          <AuditTable rows={rows} empty="Everything that you and others change here will be listed, with the reason." />
          <CardFooter>
            <Link className="link" href="/console/audit">
              All acts
            </Link>
          </CardFooter>
        </Card>
      </Flow>
    </>
  )
}

type Needs = {
  tenant: TenantView
  domains: readonly DomainView[]
  /** Records that mail needs and that are wrong or missing, by domain */
  amiss: readonly { domainId: string; records: number }[]
  people: readonly AccountView[]
}

/** What waits for the admin, each with the act beside it; the worst first. */
function NeedsYou({ tenant, domains, amiss, people }: Needs) {
  const unproven = domains.filter(({ state }) => state === 'unverified')
  const suspended = people.filter(({ state }) => state === 'suspended')
  const closing = people.filter(({ state }) => state === 'closing')
  const { cap, used } = tenant.seats
  const rows = [
    tenant.state === 'suspended' ? (
      <ListRow
        key="tenant"
        icon="no"
        tone="bad"
        title="Your organisation is suspended"
        text="Nobody here can sign in or send. Nothing was deleted. Your reseller can say why and resume it."
      />
    ) : null,
    domains.length === 0 ? (
      <ListRow
        key="none"
        icon="globe"
        tone="warn"
        title="There is no domain yet"
        text="Addresses need one. Add it, then prove with one DNS record that it is yours."
        act={<ButtonLink href="/console/domains/add">Add a domain</ButtonLink>}
      />
    ) : null,
    ...unproven.map(({ id, name }) => (
      <ListRow
        key={id}
        icon="globe"
        tone="warn"
        title={`${name} is not verified`}
        text="No address can be made on it until one DNS record shows that it is yours."
        act={<ButtonLink href="/console/domains">Show the record</ButtonLink>}
      />
    )),
    ...amiss.map(({ domainId, records }) => (
      <ListRow
        key={`dns-${domainId}`}
        icon="globe"
        tone="warn"
        title={`${countWords(records, 'DNS record', 'DNS records')} of ${domains.find(({ id }) => id === domainId)?.name ?? 'a domain'} ${records === 1 ? 'needs' : 'need'} you`}
        text="Mail may go elsewhere, or be taken for forged, until they are set."
        act={<ButtonLink href={`/console/domains/${domainId}`}>Show the records</ButtonLink>}
      />
    )),
    used >= cap * NEAR_CAP ? (
      <ListRow
        key="seats"
        icon="users"
        tone={used >= cap ? 'bad' : 'warn'}
        title={used >= cap ? 'No seat is left' : `${cap - used} of ${cap} seats are left`}
        text="Without a free seat nobody can be added; existing mailboxes notice nothing. Ask your reseller for more."
      />
    ) : null,
    closing.length > 0 ? (
      <ListRow
        key="closing"
        icon="clock"
        tone="warn"
        title={`${countWords(closing.length, 'account', 'accounts')} will be erased`}
        text={<Until people={closing} />}
        act={<ButtonLink href="/console/people?state=closing">Show them</ButtonLink>}
      />
    ) : null,
    suspended.length > 0 ? (
      <ListRow
        key="suspended"
        icon="pause"
        tone="warn"
        title={`${countWords(suspended.length, 'person is', 'people are')} suspended`}
        text="They cannot sign in and their mail is deferred by its senders, who give up after some days."
        act={<ButtonLink href="/console/people?state=suspended">Show them</ButtonLink>}
      />
    ) : null,
  ].filter((row) => row !== null)
  const title = rows.length === 0 ? 'Nothing needs you' : `${countWords(rows.length, 'thing needs', 'things need')} you`
  return (
    <ListCard id="needs" title={title}>
      {rows.length === 0 ? (
        <ListRow
          icon="ok"
          tone="good"
          title="All is in order"
          text="Every domain is verified, nobody is suspended, and seats are free."
        />
      ) : (
        rows
      )}
    </ListCard>
  )
}

function Until({ people }: { people: readonly AccountView[] }) {
  const first = people.flatMap(({ closingUntil }) => closingUntil ?? []).sort((a, b) => a.getTime() - b.getTime())[0]
  if (!first) return 'Until then each can be brought back, with everything in it.'
  return (
    <>
      The first on <TimeText at={first} show="day" />. Until then each can be brought back, with everything in it.
    </>
  )
}
