import type { Metadata } from 'next'
import { Suspense } from 'react'
import { requireActor } from '#server/auth/actor'
import { AccessTokens } from '../../../_parts/subscriber/access-tokens'
import { AppPasswords } from '../../../_parts/subscriber/app-passwords'
import { DeviceSetup } from '../../../_parts/subscriber/device-setup'
import { NameForm } from '../../../_parts/subscriber/name-form'
import { PasswordForm } from '../../../_parts/subscriber/password-form'
import { Sessions } from '../../../_parts/subscriber/sessions'
import { callerFor } from '../../../_trpc/server'
import { Flow, PageHead, SkeletonRows } from '../../../_ui'

export const metadata: Metadata = { title: 'Security' }

/** Name, password, app passwords, access tokens and the browsers that are signed in. */
export default async function SecurityPage() {
  await requireActor('subscriber', '/dashboard/security')
  return (
    <>
      <PageHead title="Security" lead="Your password, the mail apps you let in, and the browsers that are signed in." />
      <Suspense fallback={<SkeletonRows label="Loading your security settings" rows={8} />}>
        <Parts />
      </Suspense>
    </>
  )
}

async function Parts() {
  const { dashboard } = await callerFor()
  const [account, appPasswords, accessTokens, sessions] = await Promise.all([
    dashboard.account.get(),
    dashboard.credentials.list(),
    dashboard.accessTokens.list(),
    dashboard.sessions.list(),
  ])
  return (
    <Flow>
      <AppPasswords items={appPasswords} address={account.address} />
      <DeviceSetup address={account.address} />
      <AccessTokens items={accessTokens} address={account.address} />
      <Sessions items={sessions} />
      <PasswordForm address={account.address} apps={appPasswords.length + accessTokens.length} />
      <NameForm name={account.name} />
    </Flow>
  )
}
