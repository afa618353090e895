import type { Resolution, SignedIn } from '#mailcore/ports'

type Group = Extract<Resolution, { kind: 'group' }>

/** May this account write to a group? Null is somebody who is not signed in here. */
export function mayPost(group: Group, account: Pick<SignedIn, 'tenantId' | 'accountId'> | null): boolean {
  switch (group.posting) {
    case 'anyone':
      return true
    case 'tenant':
      return account?.tenantId === group.tenantId
    case 'members':
      return account !== null && group.mailboxes.some(({ accountId }) => accountId === account.accountId)
  }
}
