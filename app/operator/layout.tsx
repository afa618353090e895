import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { currentActor } from '#server/auth/actor'
import { SignOut } from '../_parts/subscriber/sign-out'
import { callerFor } from '../_trpc/server'
import { AppShell, type Section, ToastProvider } from '../_ui'

export const metadata: Metadata = {
  title: { default: 'Operator desk', template: '%s: MailTight' },
  robots: { index: false },
}

const SECTIONS: Section[] = [
  { href: '/operator', label: 'Home', icon: 'home', tab: true },
  { href: '/operator/resellers', label: 'Resellers', icon: 'building', tab: true },
  { href: '/operator/regions', label: 'Regions', icon: 'pin', tab: true },
  { href: '/operator/promises', label: 'Promises', icon: 'shieldCheck', tab: true, gapBefore: true },
  { href: '/operator/senders', label: 'Senders', icon: 'filter' },
  { href: '/operator/queue', label: 'Queue', icon: 'send' },
  { href: '/operator/trace', label: 'Message trace', icon: 'route' },
  { href: '/operator/audit', label: 'Audit', icon: 'list' },
]

/** The frame of the operator desk. Nobody is sent away here: each page asks who is there, and each procedure again. */
export default async function OperatorLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor()
  if (actor?.kind !== 'operator') return children
  const own = await (await callerFor()).operator.staff.profile()
  return (
    <ToastProvider>
      <AppShell
        brand={{ href: '/operator' }}
        place={{ name: 'The house', kind: 'Operator' }}
        sections={SECTIONS}
        user={{ name: own.name, address: own.email }}
        footer={<SignOut />}
      >
        {children}
      </AppShell>
    </ToastProvider>
  )
}
