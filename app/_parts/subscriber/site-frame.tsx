import type { ReactNode } from 'react'
import { SiteFooter, SiteHeader, SitePage } from '../../_ui'

const LINKS = [
  { href: '/#promises', label: 'Promises' },
  { href: '/#doors', label: 'Mail apps' },
  { href: '/#limits', label: 'Limits' },
]

/** Head and foot of the public pages. */
export function SiteFrame({ children }: { children: ReactNode }) {
  return (
    <SitePage
      header={<SiteHeader links={LINKS} signInHref="/sign-in" />}
      footer={
        <SiteFooter
          statement={
            <>
              <strong>This page set no cookie and stored nothing about you.</strong> Everything on it came from this
              server; nobody else was asked for anything.
            </>
          }
          groups={[
            { label: 'This page', links: LINKS },
            {
              label: 'Your mailbox',
              links: [
                { href: '/sign-in', label: 'Sign in' },
                { href: '/dashboard/access', label: 'Who acted on my account' },
                { href: '/dashboard/export', label: 'Take my mail with me' },
              ],
            },
          ]}
        />
      }
    >
      {children}
    </SitePage>
  )
}
