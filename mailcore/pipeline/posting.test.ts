import { describe, expect, it } from 'vitest'
import { type AccountId, newId, type TenantId } from '#lib/ids'
import { fakeMailbox } from '#tests/helpers/fakes'
import { mayPost } from './posting'

const member = fakeMailbox()
const tenantId = newId<TenantId>()
const group = (posting: 'anyone' | 'tenant' | 'members') => ({
  kind: 'group' as const,
  tenantId,
  posting,
  mailboxes: [member],
})
const stranger = null
const colleague = { tenantId, accountId: newId<AccountId>() }
const foreigner = { tenantId: newId<TenantId>(), accountId: newId<AccountId>() }
const guest = { tenantId: newId<TenantId>(), accountId: member.accountId }

describe('who may write to a group', () => {
  it.each([
    ['anyone', [true, true, true, true]],
    ['tenant', [false, true, false, false]],
    // A member of another tenant is a member all the same.
    ['members', [false, false, false, true]],
  ] as const)('%s', (posting, [nobody, ofTenant, ofAnother, ofGroup]) => {
    expect(mayPost(group(posting), stranger)).toBe(nobody)
    expect(mayPost(group(posting), colleague)).toBe(ofTenant)
    expect(mayPost(group(posting), foreigner)).toBe(ofAnother)
    expect(mayPost(group(posting), guest)).toBe(ofGroup)
  })
})
