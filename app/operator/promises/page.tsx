import type { Metadata } from 'next'
import { Suspense } from 'react'
import { requireActor } from '#server/auth/actor'
import { callerFor } from '../../_trpc/server'
import { Card, Flow, Note, PageHead, SkeletonRows, Stat, Stats } from '../../_ui'
import { PromisesTable } from './promises-table'

export const metadata: Metadata = { title: 'Promises' }

/** The privacy policy's promises, each checked against this instance when the page is opened. */
export default async function PromisesPage() {
  await requireActor('operator', '/operator/promises')
  return (
    <>
      <PageHead
        title="Promises"
        lead="Each promise of the privacy policy, checked against this instance as you open the page."
      />
      <Suspense fallback={<SkeletonRows label="Checking 22 promises" rows={22} />}>
        <Found />
      </Suspense>
    </>
  )
}

async function Found() {
  const results = await (await callerFor()).operator.promises.list()
  const count = (state: (typeof results)[number]['state']) => results.filter((one) => one.state === state).length
  return (
    <Flow>
      <Stats>
        <Stat label="Hold" value={count('kept')} of={`of ${results.length}`} change="A live check looked just now" />
        <Stat label="Failing" value={count('failing')} change={count('failing') === 0 ? 'None' : 'Shown first'} />
        <Stat label="Not built" value={count('not built')} change="No mechanism yet, so no claim" />
      </Stats>
      <Card label="Promises">
        <PromisesTable results={results} />
      </Card>
      <Note>A check that cannot be made counts as failing. Evidence holds counts and ids, nothing personal.</Note>
    </Flow>
  )
}
