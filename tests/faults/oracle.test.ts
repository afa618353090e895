import { describe, expect, it } from 'vitest'
import { createLedger, type Ledger, type Outcome } from '#tests/helpers/storm/ledger'
import { makeMessage } from '#tests/helpers/storm/message'
import { copyOf, isClean, verify } from '#tests/helpers/storm/verify'

const ANN = 'ann@a.example'
const BEN = 'ben@a.example'
const ZOE = 'zoe@b.example'
/** What the doors write in front. */
const TRACE = 'Return-Path: <storm@ledger.test>\r\nReceived: from x by y; z\r\n'

/** A ledger of one message to Ann and Ben, and what a mailbox makes of its bytes. */
function one(outcome: Outcome = 'acked', door: 'mx' | 'submission' = 'mx') {
  const ledger: Ledger = createLedger()
  const message = makeMessage({ id: 'run.0.0', from: 'storm@ledger.test', to: [ANN, BEN], bytes: 1_000 })
  const entry = ledger.open({ id: 'run.0.0', door, recipients: [ANN, BEN], ...message, bytes: message.raw.length })
  ledger.settle(entry, [ANN, BEN], outcome, outcome === 'acked' ? 250 : 451)
  const copy = (address: string, change: (raw: string) => string = (raw) => raw) =>
    copyOf(ledger, address, Buffer.from(TRACE + change(message.raw), 'latin1'))
  return { ledger, copy }
}

describe('the oracle of the storm', () => {
  it('passes what is as it was promised', () => {
    const { ledger, copy } = one()
    const verdict = verify(ledger, [copy(ANN), copy(BEN)])
    expect(isClean(verdict)).toBe(true)
    expect(verdict.copies).toBe(2)
  })

  it('catches a loss', () => {
    const { ledger, copy } = one()
    expect(verify(ledger, [copy(ANN)])).toMatchObject({ lost: ['run.0.0 (mx, acked) in ben@a.example: 0'] })
  })

  it('catches a duplicate, of what was accepted and of what was left open', () => {
    const accepted = one()
    expect(verify(accepted.ledger, [accepted.copy(ANN), accepted.copy(BEN), accepted.copy(BEN)]).dup).toHaveLength(1)
    const open = one('unknown')
    expect(verify(open.ledger, [open.copy(ANN), open.copy(ANN)]).dup).toHaveLength(1)
  })

  it('catches a ghost: refused and there, never sent, or nobody’s', () => {
    const { ledger, copy } = one('refused')
    expect(verify(ledger, [copy(ANN)]).ghost).toEqual(['run.0.0 (mx, refused) in ann@a.example: 1'])
    const other = one()
    const unsent = other.copy(ANN, (raw) => raw.replace('X-Ledger: run.0.0', 'X-Ledger: run.9.9'))
    const strange = other.copy(ANN, () => 'Subject: hello\r\n\r\nhi\r\n')
    expect(verify(other.ledger, [other.copy(ANN), other.copy(BEN), unsent, strange]).ghost).toEqual([
      'run.9.9 in ann@a.example',
      'no id in ann@a.example',
    ])
  })

  it.each<[string, (raw: string) => string]>([
    ['a flipped bit', (raw) => raw.replace('end of', 'eod of')],
    ['a cut', (raw) => raw.slice(0, -20)],
    ['a line more', (raw) => `${raw}\r\n`],
    ['a changed header', (raw) => raw.replace('Subject: run', 'Subject: ruN')],
    ['a dropped field', (raw) => raw.replace(/^Date: .*\r\n/m, '')],
  ])('catches corruption: %s', (_, change) => {
    const { ledger, copy } = one()
    expect(verify(ledger, [copy(ANN, change), copy(BEN)]).corrupt).toEqual(['run.0.0 in ann@a.example'])
  })

  it('lets submission rewrite the header, and nothing else', () => {
    const { ledger, copy } = one('acked', 'submission')
    const rewritten = copy(ANN, (raw) => raw.replace(/^Date: .*\r\n/m, ''))
    expect(isClean(verify(ledger, [rewritten, copy(BEN)]))).toBe(true)
    expect(verify(ledger, [copy(ANN, (raw) => `${raw}x`), copy(BEN)]).corrupt).toHaveLength(1)
  })

  it('catches mail in a mailbox that it was not for', () => {
    const { ledger, copy } = one()
    const verdict = verify(ledger, [copy(ANN), copy(BEN), copy(ZOE)])
    expect(verdict.cross).toEqual(['run.0.0 in zoe@b.example'])
    expect(isClean(verdict)).toBe(false)
  })

  it('allows what was put off or not answered to be there once, or not', () => {
    const { ledger, copy } = one('deferred')
    expect(verify(ledger, [copy(ANN)])).toMatchObject({ lost: [], dup: [], ghost: [], late: 1 })
  })

  it('does not take back what was accepted, nor forget what may be there', () => {
    const { ledger } = one('acked')
    const [entry] = ledger.entries.values()
    if (!entry) throw new Error('no entry')
    ledger.settle(entry, [ANN], 'refused', 550)
    expect(entry.outcomes.get(ANN)).toBe('acked')
    const open = one('unknown')
    const [other] = open.ledger.entries.values()
    if (!other) throw new Error('no entry')
    open.ledger.settle(other, [ANN], 'refused', 550)
    expect(other.outcomes.get(ANN)).toBe('unknown')
  })
})
