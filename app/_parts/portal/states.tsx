import type { AccountView } from '#server/services/account/view'
import { Badge, Status } from '../../_ui'

/** The state of a person's account in a word: quiet while all is well. */
export function AccountState({ state }: { state: AccountView['state'] }) {
  switch (state) {
    case 'active':
      return <Status>Active</Status>
    case 'suspended':
      return (
        <Badge tone="warn" icon="pause">
          Suspended
        </Badge>
      )
    case 'closing':
      return (
        <Badge tone="bad" icon="clock">
          Closing
        </Badge>
      )
    case 'provisioning':
      return <Status state="off">Being set up</Status>
    case 'closed':
      return <Status state="off">Ended</Status>
  }
}

/** The state of an organisation or a reseller. */
export function PartyState({ state }: { state: 'active' | 'suspended' }) {
  return state === 'active' ? (
    <Status>Active</Status>
  ) : (
    <Badge tone="warn" icon="pause">
      Suspended
    </Badge>
  )
}

/** Is a domain proven? */
export function DomainState({ state }: { state: 'unverified' | 'verified' }) {
  return state === 'verified' ? (
    <Status>Verified</Status>
  ) : (
    <Badge tone="warn" icon="alert">
      Not verified
    </Badge>
  )
}
