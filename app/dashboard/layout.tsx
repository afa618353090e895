import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { ApiProvider } from '../_trpc/client'
import { ToastProvider } from '../_ui'

export const metadata: Metadata = {
  title: { default: 'Dashboard', template: '%s: MailTight' },
  robots: { index: false },
}

/** Around everything of one mailbox. Who may see it is asked by each page, and again by each procedure. */
export default function DashboardLayout({ children }: { children: ReactNode }) {
  return (
    <ApiProvider>
      <ToastProvider>{children}</ToastProvider>
    </ApiProvider>
  )
}
