import { redirect } from 'next/navigation'
import { requireActor } from '#server/auth/actor'

/** The webmail opens at the inbox. */
export default async function MailPage() {
  await requireActor('subscriber', '/dashboard/mail')
  redirect('/dashboard/mail/INBOX')
}
