import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { requireActor } from '#server/auth/actor'
import { decodePart, mailHref, uidOf } from '../../../../_parts/subscriber/mail/paths'

export const metadata: Metadata = { title: 'Mail' }

/** A message of the webmail, which the layout shows. */
export default async function MessagePage({ params }: { params: Promise<{ folder: string; uid: string }> }) {
  const { folder, uid } = await params
  const number = uidOf(uid)
  if (number === null) notFound()
  await requireActor('subscriber', mailHref(decodePart(folder), number))
  return null
}
