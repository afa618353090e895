import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { decodePart, mailHref } from '../../../_parts/subscriber/mail/paths'

export const metadata: Metadata = { title: 'Mail' }

/** A folder of the webmail, which the layout shows. */
export default async function FolderPage({ params }: { params: Promise<{ folder: string }> }) {
  const { folder } = await params
  await requireActor('subscriber', mailHref(decodePart(folder)))
  return null
}
