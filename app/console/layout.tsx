import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { currentActor } from '#server/auth/actor'
import { SignOut } from '../_parts/subscriber/sign-out'
import { callerFor } from '../_trpc/server'
import { AppShell, RailAction, type Section, ToastProvider } from '../_ui'

export const metadata: Metadata = { title: { default: 'Console', template: '%s: MailTight' }, robots: { index: false } }

/** The frame of the console. Nobody is sent away here: each page asks who is there, and each procedure again. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor()
  if (actor?.kind !== 'domain-admin') return children
  const { console: desk, dashboard } = await callerFor()
  const [tenant, domains, own] = await Promise.all([desk.tenant.get(), desk.domains.list(), dashboard.account.get()])
  const unproven = domains.filter((domain) => domain.state === 'unverified').length
  const sections: Section[] = [
    { href: '/console', label: 'Overview', icon: 'home', tab: true },
    { href: '/console/people', label: 'People', icon: 'users', tab: true, count: tenant.seats.used },
    {
      href: '/console/domains',
      label: 'Domains',
      icon: 'globe',
      tab: true,
      count: unproven > 0 ? unproven : domains.length,
      flag: unproven > 0,
    },
    { href: '/console/addresses', label: 'Addresses', icon: 'at' },
    { href: '/console/protection', label: 'Protection', icon: 'shield' },
    { href: '/console/reports', label: 'Reports', icon: 'chart' },
    { href: '/console/retention', label: 'Retention', icon: 'history', tab: true, gapBefore: true },
    { href: '/console/outgoing', label: 'Outgoing mail', icon: 'send' },
    { href: '/console/trace', label: 'Message trace', icon: 'route' },
    { href: '/console/audit', label: 'Audit', icon: 'list' },
  ]
  return (
    <ToastProvider>
      <AppShell
        brand={{ href: '/console' }}
        place={{ name: tenant.name, kind: 'Domain admin' }}
        sections={sections}
        user={{ name: own.name, address: own.address, href: '/dashboard/security' }}
        footer={
          <>
            <RailAction icon="inbox" label="My mailbox" href="/dashboard" />
            <SignOut />
          </>
        }
      >
        {children}
      </AppShell>
    </ToastProvider>
  )
}
