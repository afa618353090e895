import type { Metadata } from 'next'
import { Suspense } from 'react'
import { requireActor } from '#server/auth/actor'
import { RecoverTable } from '../../../_parts/subscriber/recover-table'
import { RetentionForm } from '../../../_parts/subscriber/retention-form'
import { callerFor } from '../../../_trpc/server'
import { Flow, PageHead, SkeletonRows } from '../../../_ui'

export const metadata: Metadata = { title: 'Deleted mail' }

const HERE = '/dashboard/retention'

/** How long deleted mail stays recoverable, and what can be brought back now. */
export default async function RetentionPage({
  searchParams,
}: {
  searchParams: Promise<{ after?: string | string[] }>
}) {
  await requireActor('subscriber', HERE)
  const { after } = await searchParams
  return (
    <>
      <PageHead title="Deleted mail" lead="How long it can be brought back, and what is waiting to go now." />
      <Suspense fallback={<SkeletonRows label="Loading deleted mail" rows={8} />}>
        <Parts after={typeof after === 'string' ? after : undefined} />
      </Suspense>
    </>
  )
}

async function Parts({ after }: { after?: string }) {
  const { dashboard } = await callerFor()
  const [account, recoverable] = await Promise.all([
    dashboard.account.get(),
    dashboard.mail.recoverable({ after, limit: 50 }),
  ])
  return (
    <Flow>
      <RetentionForm
        days={account.recoverDays}
        waiting={recoverable.items.length}
        more={recoverable.next !== null || after !== undefined}
      />
      <RecoverTable
        items={recoverable.items}
        days={account.recoverDays}
        firstHref={after ? HERE : undefined}
        nextHref={recoverable.next ? `${HERE}?after=${encodeURIComponent(recoverable.next)}` : undefined}
      />
    </Flow>
  )
}
