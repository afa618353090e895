import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { hrefOf, one, oneOf, orNotFound, type Query } from '../../_parts/portal/query'
import { countWords } from '../../_parts/subscriber/words'
import { callerFor } from '../../_trpc/server'
import { ButtonLink, Card, Empty, Flow, Note, PageHead, Seg, Stat, Stats, Tools } from '../../_ui'
import { FailuresCard, HintsCard, SourcesCard } from './report-cards'

export const metadata: Metadata = { title: 'Reports' }

const PATH = '/console/reports'
const DAYS = ['7', '30', '90'] as const

const share = (part: number, whole: number): string => (whole === 0 ? '–' : `${Math.floor((part / whole) * 100)} %`)
const figure = (n: number): string => n.toLocaleString('en-GB')

/** What other servers say of mail that claims to come from a domain of the tenant, and of the encryption on the way to it. */
export default async function ReportsPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('domain-admin', PATH)
  const query = await searchParams
  const days = oneOf(query.days, DAYS) ?? '30'
  const unproven = one(query.unproven) === '1'
  const { console: desk } = await callerFor()
  const domains = (await desk.domains.list()).filter(({ state }) => state === 'verified')
  const domain = domains.find(({ id }) => id === one(query.domain)) ?? domains[0]
  if (!domain) return <NoDomain />
  const reports = await orNotFound(desk.reports.get({ domainId: domain.id, days: Number(days), unproven }))
  const { dmarc, tls } = reports
  const at = (change: Record<string, string | undefined>) =>
    hrefOf(PATH, { domain: domain.id, days, unproven: unproven ? '1' : undefined, ...change })
  return (
    <>
      <Head />
      <Flow>
        <Tools
          push={
            <Seg
              label="Time"
              items={DAYS.map((n) => ({ href: at({ days: n }), label: `${n} days`, current: n === days }))}
            />
          }
        >
          {domains.length > 1 ? (
            <Seg
              label="Domain"
              items={domains.map(({ id, name }) => ({
                href: at({ domain: id }),
                label: name,
                current: id === domain.id,
              }))}
            />
          ) : null}
        </Tools>
        <Stats>
          <Stat
            label="Messages reported"
            value={figure(dmarc.messages)}
            change={countWords(dmarc.reports, 'report', 'reports')}
          />
          <Stat
            label="Proved to be yours"
            value={share(dmarc.passed, dmarc.messages)}
            change={`${figure(dmarc.messages - dmarc.passed)} did not`}
          />
          <Stat
            label="Kept from inboxes"
            value={figure(dmarc.quarantined + dmarc.rejected)}
            change={dmarc.policy ? `Your policy: p=${dmarc.policy}` : 'No policy seen yet'}
          />
          <Stat
            label="Encrypted on the way in"
            value={share(tls.succeeded, tls.succeeded + tls.failed)}
            change={`${figure(tls.failed)} connections failed`}
          />
        </Stats>
        {reports.unproven > 0 ? (
          <Note
            kind={unproven ? 'warn' : 'info'}
            act={
              <ButtonLink href={at({ unproven: unproven ? undefined : '1' })}>
                {unproven ? 'Leave them out' : 'Count them too'}
              </ButtonLink>
            }
          >
            {countWords(reports.unproven, 'report', 'reports')} came from senders who could not be proven. Anybody may
            have written them. {unproven ? 'They are counted here.' : 'They are left out.'}
          </Note>
        ) : null}
        {reports.cut ? (
          <Note kind="warn">There are more reports than are read at once. Choose a shorter time.</Note>
        ) : null}
        <HintsCard hints={reports.hints} />
        <SourcesCard domain={domain.name} dmarc={dmarc} />
        <FailuresCard tls={tls} />
      </Flow>
    </>
  )
}

const Head = () => (
  <PageHead
    title="Reports"
    lead="What other mail servers say of mail in your name, and of the encryption on its way to you."
  />
)

const NoDomain = () => (
  <>
    <Head />
    <Card label="Reports">
      <Empty
        icon="chart"
        title="No verified domain yet"
        text="Reports are about a domain. Once one is verified, what other servers say of it stands here."
        act={<ButtonLink href="/console/domains">To your domains</ButtonLink>}
      />
    </Card>
  </>
)
