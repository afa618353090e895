import { describe, expect, it } from 'vitest'
import type { AuditView } from '#server/services/audit/view'
import { ledgerWords } from './ledger-words'

const entry = (part: Partial<AuditView>): AuditView => ({
  id: 'a' as AuditView['id'],
  seq: 1,
  at: new Date(0),
  action: 'account.suspend',
  outcome: 'done',
  actor: { kind: 'domain-admin', id: 'admin', name: 'Tomas Silva' },
  tenantId: null,
  accountId: null,
  reason: null,
  names: [],
  facts: {},
  ...part,
})

describe('ledgerWords', () => {
  it('calls the reader "You", a domain admin on their own account too', () => {
    const words = ledgerWords(entry({ actor: { kind: 'domain-admin', id: 'me', name: null } }), 'me')
    expect(words).toMatchObject({ who: 'You', own: true, role: null })
  })
  it('names whoever else acted, and what they are', () => {
    expect(ledgerWords(entry({}), 'me')).toEqual({
      who: 'Tomas Silva',
      role: 'Domain admin',
      own: false,
      did: 'Suspended the account',
    })
  })
  it('never takes an actor without an id for the reader', () => {
    expect(ledgerWords(entry({ actor: { kind: 'operator', id: null, name: null } }), '').own).toBe(false)
  })
  it('shows an act it has no words for', () => {
    expect(ledgerWords(entry({ action: 'account.new-thing' }), 'me').did).toBe('account new thing')
  })
})
