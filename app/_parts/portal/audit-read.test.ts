import { describe, expect, it } from 'vitest'
import { settled } from './audit-read'

const line = (action: string, outcome: 'intent' | 'done' | 'failed', accountId: string | null = null) =>
  ({ action, outcome, tenantId: null, accountId }) as Parameters<typeof settled>[0][number]

describe('settled', () => {
  it('drops the beginning of an act that ended, and keeps one that has not', () => {
    const kept = settled([
      line('account.create', 'intent', 'b'),
      line('account.create', 'done', 'a'),
      line('account.create', 'intent', 'a'),
      line('account.erase', 'failed'),
      line('account.erase', 'intent'),
    ])
    expect(kept.map(({ action, outcome, accountId }) => [action, outcome, accountId])).toEqual([
      ['account.create', 'intent', 'b'],
      ['account.create', 'done', 'a'],
      ['account.erase', 'failed', null],
    ])
  })
})
