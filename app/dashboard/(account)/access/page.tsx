import type { Metadata } from 'next'
import { Suspense } from 'react'
import { requireActor } from '#server/auth/actor'
import { LedgerTable } from '../../../_parts/subscriber/ledger-table'
import { foldIntents, ledgerWords } from '../../../_parts/subscriber/ledger-words'
import { callerFor } from '../../../_trpc/server'
import { Card, CardFooter, Note, PageHead, Pager, Seg, SkeletonRows, Tools } from '../../../_ui'

export const metadata: Metadata = { title: 'Who acted on your account' }

const HERE = '/dashboard/access'
const PAGE = 50
type Query = { after?: string | string[]; who?: string | string[] }

/** The whole access ledger of the account, newest first. */
export default async function AccessPage({ searchParams }: { searchParams: Promise<Query> }) {
  const actor = await requireActor('subscriber', HERE)
  const { after, who } = await searchParams
  const others = who === 'others'
  return (
    <>
      <PageHead
        title="Who acted on your account"
        lead="Every act by an administrator, a reseller or us, with its reason; and your own changes, so that you notice any that were not yours."
      />
      <Tools>
        <Seg
          label="Whose acts"
          items={[
            { href: HERE, label: 'Everyone', current: !others },
            { href: `${HERE}?who=others`, label: 'Everyone but you', current: others },
          ]}
        />
      </Tools>
      <Suspense fallback={<SkeletonRows label="Loading the ledger" />}>
        <Ledger ownId={actor.accountId} after={typeof after === 'string' ? after : undefined} others={others} />
      </Suspense>
    </>
  )
}

async function Ledger({ ownId, after, others }: { ownId: string; after?: string; others: boolean }) {
  const { items, next } = await (await callerFor()).dashboard.audit.list({ after, limit: PAGE })
  const entries = foldIntents(items)
  const shown = others ? entries.filter((entry) => !ledgerWords(entry, ownId).own) : entries
  const address = (seq?: string) => {
    const query = new URLSearchParams({
      ...(others ? { who: 'others' } : {}),
      ...(seq ? { after: seq } : {}),
    }).toString()
    return query ? `${HERE}?${query}` : HERE
  }
  return (
    <div className="stack">
      <Card label="Access ledger">
        <LedgerTable
          entries={shown}
          ownId={ownId}
          empty={
            others
              ? 'No one but you acted on this account on this page. When someone does, it stands here within seconds.'
              : 'Acts on this account will stand here within seconds, each with who, what, why and when.'
          }
        />
        <CardFooter>
          <Pager
            text={`${entries.length === 0 ? 'No' : entries.length} ${entries.length === 1 ? 'entry' : 'entries'} read${others ? `, ${shown.length} by others` : ''}`}
            words={['Newest', 'Older']}
            earlierHref={after ? address() : undefined}
            laterHref={next ? address(next) : undefined}
          />
        </CardFooter>
      </Card>
      <Note>
        Reasons and names are encrypted under your account’s own key: they end with the account. No page of this system
        edits an entry or takes one back.
      </Note>
    </div>
  )
}
