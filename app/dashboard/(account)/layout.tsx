import type { ReactNode } from 'react'
import { currentActor } from '#server/auth/actor'
import { SignOut } from '../../_parts/subscriber/sign-out'
import { callerFor } from '../../_trpc/server'
import { AppShell, RailAction, type Section } from '../../_ui'

const SECTIONS: Section[] = [
  { href: '/dashboard', label: 'Home', icon: 'home', tab: true },
  { href: '/dashboard/mail', label: 'Mail', icon: 'inbox', tab: true },
  { href: '/dashboard/access', label: 'Access', icon: 'eye', tab: true, gapBefore: true },
  { href: '/dashboard/retention', label: 'Retention', icon: 'history', tab: true },
  { href: '/dashboard/addresses', label: 'Addresses', icon: 'at' },
  { href: '/dashboard/trace', label: 'Message trace', icon: 'route' },
  { href: '/dashboard/senders', label: 'Spam and senders', icon: 'shield' },
  { href: '/dashboard/security', label: 'Security', icon: 'key' },
  { href: '/dashboard/export', label: 'Export', icon: 'download', gapBefore: true },
]

/** The frame of the account's pages. The webmail has a frame of its own. */
export default async function AccountLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor()
  // Nobody is sent away here: the page knows its own address, and sends people back to it after they sign in.
  if (actor?.kind !== 'subscriber' && actor?.kind !== 'domain-admin') return children
  const caller = await callerFor()
  const account = await caller.dashboard.account.get()
  const unread = await caller.dashboard.mail.folders().then(
    (folders) => folders.find((folder) => folder.specialUse === 'inbox')?.unseen ?? 0,
    // A region that cannot be reached must not take the account's own pages with it.
    () => 0,
  )
  const sections = SECTIONS.map((section) =>
    section.href === '/dashboard/mail' && unread > 0 ? { ...section, count: unread } : section,
  )
  return (
    <AppShell
      brand={{ href: '/dashboard' }}
      place={{
        name: account.address.slice(account.address.lastIndexOf('@') + 1),
        kind: actor.kind === 'subscriber' ? 'Your mailbox' : 'Your mailbox, as domain admin',
      }}
      sections={sections}
      user={{ name: account.name, address: account.address, href: '/dashboard/security' }}
      footer={
        <>
          {actor.kind === 'domain-admin' ? <RailAction icon="building" label="Console" href="/console" /> : null}
          <SignOut />
        </>
      }
    >
      {children}
    </AppShell>
  )
}
