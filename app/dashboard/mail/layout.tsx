import type { ReactNode } from 'react'
import { currentActor } from '#server/auth/actor'
import { MailApp } from '../../_parts/subscriber/mail/mail-app'
import { sizeWords } from '../../_parts/subscriber/words'
import { callerFor } from '../../_trpc/server'

/** The webmail's frame: folders are read here, the rest by the page as one goes from message to message. */
export default async function MailLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor()
  // Nobody is sent away here: the page knows its own address, and sends people back to it after they sign in.
  if (actor?.kind !== 'subscriber' && actor?.kind !== 'domain-admin') return children
  const { dashboard } = await callerFor()
  const [account, statistics, folders] = await Promise.all([
    dashboard.account.get(),
    dashboard.account.statistics(),
    dashboard.mail.folders(),
  ])
  const { usedBytes, quotaBytes } = statistics
  return (
    <MailApp
      own={{ name: account.name, address: account.address }}
      storage={quotaBytes > 0 ? `${sizeWords(usedBytes)} of ${sizeWords(quotaBytes)}` : sizeWords(usedBytes)}
      folders={folders}
    >
      {children}
    </MailApp>
  )
}
