import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { CopyButton } from '../../../_parts/subscriber/copy-button'
import { callerFor } from '../../../_trpc/server'
import { Flow, ListCard, ListRow, PageHead } from '../../../_ui'
import { ForwardCard } from './forward-card'
import { MaskedCard } from './masked-card'

export const metadata: Metadata = { title: 'Addresses' }

/** Every address that reaches the mailbox, and where its mail goes on to. */
export default async function AddressesPage() {
  await requireActor('subscriber', '/dashboard/addresses')
  const { dashboard } = await callerFor()
  const [{ primary, aliases, masked }, forward] = await Promise.all([
    dashboard.addresses.list(),
    dashboard.forward.get(),
  ])
  return (
    <>
      <PageHead title="Addresses" lead="Every address that reaches you, and where your mail is sent on to." />
      <Flow>
        <ListCard
          id="own"
          title="Your addresses"
          lead="Mail to these comes here, also with a word after a plus, such as name+shop@, to sort it by."
        >
          {[primary, ...aliases].map((address) => (
            <ListRow
              key={address}
              icon="mail"
              title={<span className="mono cut">{address}</span>}
              text={
                address === primary ? 'Your own address. You sign in with it.' : 'Given to you by your administrator.'
              }
              act={<CopyButton text={address} label="Copy" />}
            />
          ))}
        </ListCard>
        <MaskedCard items={masked} />
        <ForwardCard forward={forward} />
      </Flow>
    </>
  )
}
