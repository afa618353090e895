import { describe, expect, it } from 'vitest'
import type { AuditView } from '#server/services/audit/view'
import { foldIntents, ledgerWords } from './ledger-words'

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

describe('foldIntents', () => {
  const begun = entry({
    seq: 1,
    action: 'account.set-retention',
    outcome: 'intent',
    reason: 'asked for',
    facts: { recoverDays: 7 },
  })
  const ended = entry({
    seq: 2,
    action: 'account.set-retention',
    outcome: 'completed',
    actor: { kind: 'operator', id: null, name: null },
  })
  it('makes one line of a beginning and its end, put down to whoever began', () => {
    const folded = foldIntents([ended, begun])
    expect(folded).toHaveLength(1)
    expect(folded[0]).toMatchObject({
      outcome: 'completed',
      reason: 'asked for',
      actor: begun.actor,
      facts: { recoverDays: 7 },
    })
  })
  it('keeps a beginning that has no end, and never joins different acts', () => {
    const other = entry({ action: 'account.erase', outcome: 'completed' })
    expect(foldIntents([other, begun])).toHaveLength(2)
    expect(foldIntents([begun])[0]?.outcome).toBe('intent')
  })
})
