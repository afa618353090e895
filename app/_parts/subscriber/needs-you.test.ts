import { describe, expect, it } from 'vitest'
import type { AccountView } from '#server/services/account/view'
import type { AuditView } from '#server/services/audit/view'
import type { AppPasswordView } from '#server/services/credential/list'
import { type Known, needsYou, toDo } from './needs-you'

const NOW = new Date('2026-11-23T12:00:00Z')
const quiet: Known = {
  account: { accountId: 'me' } as unknown as AccountView,
  statistics: { usedBytes: 10, messages: 1, quotaBytes: 100 },
  ledger: [],
  appPasswords: [{} as AppPasswordView],
  otherSessions: 0,
  goingSoon: 0,
  now: NOW,
}
const act = (part: Partial<AuditView>): AuditView =>
  ({
    action: 'account.suspend',
    at: NOW,
    actor: { kind: 'operator', id: null, name: null },
    facts: {},
    names: [],
    ...part,
  }) as AuditView

describe('needsYou', () => {
  it('is empty when all is well', () => expect(needsYou(quiet)).toEqual([]))
  it('puts a full mailbox first', () => {
    const needs = needsYou({ ...quiet, appPasswords: [], statistics: { usedBytes: 100, messages: 1, quotaBytes: 100 } })
    expect(needs.map((need) => need.key)).toEqual(['storage', 'app'])
    expect(needs[0]?.tone).toBe('bad')
    expect(toDo(needs)).toBe(1)
  })
  it('says nothing about storage without a limit', () => {
    expect(needsYou({ ...quiet, statistics: { usedBytes: 100, messages: 1, quotaBytes: 0 } })).toEqual([])
  })
  it('tells of acts by others of the last week, not of own or older ones, nor of the making of the account', () => {
    const own = act({ actor: { kind: 'subscriber', id: 'me', name: null } })
    const old = act({ at: new Date('2026-11-10T12:00:00Z') })
    const made = act({ action: 'account.create' })
    expect(needsYou({ ...quiet, ledger: [own, old, made] })).toEqual([])
    expect(needsYou({ ...quiet, ledger: [act({}), own] }).map((need) => need.key)).toEqual(['others'])
  })
})
