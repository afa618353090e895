import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { currentActor } from '#server/auth/actor'
import { SignOut } from '../_parts/subscriber/sign-out'
import { callerFor } from '../_trpc/server'
import { AppShell, type Section, ToastProvider } from '../_ui'

export const metadata: Metadata = {
  title: { default: 'Partner portal', template: '%s: MailTight' },
  robots: { index: false },
}

const SECTIONS: Section[] = [
  { href: '/partner', label: 'Home', icon: 'home', tab: true },
  { href: '/partner/customers', label: 'Customers', icon: 'building', tab: true },
  { href: '/partner/domains', label: 'Domains', icon: 'globe', tab: true },
  { href: '/partner/statistics', label: 'Statistics', icon: 'chart', tab: true, gapBefore: true },
  { href: '/partner/senders', label: 'Senders', icon: 'filter' },
  { href: '/partner/trace', label: 'Message trace', icon: 'route' },
  { href: '/partner/audit', label: 'Audit', icon: 'list' },
]

/** The frame of the partner portal. Nobody is sent away here: each page asks who is there, and each procedure again. */
export default async function PartnerLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor()
  if (actor?.kind !== 'reseller') return children
  const { partner } = await callerFor()
  const [reseller, own] = await Promise.all([partner.reseller.get(), partner.staff.profile()])
  return (
    <ToastProvider>
      <AppShell
        brand={{ href: '/partner' }}
        place={{ name: reseller.name, kind: 'Reseller' }}
        sections={SECTIONS}
        user={{ name: own.name, address: own.email }}
        footer={<SignOut />}
      >
        {children}
      </AppShell>
    </ToastProvider>
  )
}
