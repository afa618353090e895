import { describe, expect, it } from 'vitest'
import { networkOf } from '#lib/ip'
import { LIMITS } from '#lib/limits'
import { createAdmission } from './admission'
import { createRate } from './rate'

const clockAt = (start: number) => {
  const clock = { ms: start, now: () => new Date(clock.ms) }
  return clock
}

describe('createRate', () => {
  it('lets the limit through in any window and forgets it after', () => {
    const clock = clockAt(1_000_000)
    const rate = createRate({ limit: 3, windowMs: 1_000, clock })
    expect([1, 2, 3, 4].map(() => rate.take('a'))).toEqual([true, true, true, false])
    expect(rate.take('b')).toBe(true)
    clock.ms += 1_000
    expect(rate.take('a')).toBe(false)
    clock.ms += 500
    expect(rate.take('a')).toBe(true)
    clock.ms += 5_000
    expect([1, 2, 3, 4].map(() => rate.take('a'))).toEqual([true, true, true, false])
  })

  it('does not shut the door when the clock is set back', () => {
    const clock = clockAt(10_000_000)
    const rate = createRate({ limit: 1, windowMs: 1_000, clock })
    rate.take('a')
    clock.ms -= 3_600_000
    expect(rate.take('a')).toBe(true)
  })
})

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

describe('createAdmission', () => {
  const fill = (limits: 'normal' | 'bench', address: string) => {
    const admission = createAdmission({ limits, clock: clockAt(0) })
    let entered = 0
    while (entered <= LIMITS.sessionsPerAddress && admission.enter(address)) entered++
    let messages = 0
    while (messages <= LIMITS.messagesPerAddressPerMinute && admission.message(address)) messages++
    return { admission, entered, messages }
  }

  it('holds an address to its sessions and messages, and lets it in again after one left', () => {
    const { admission, entered, messages } = fill('normal', '127.0.0.1')
    expect([entered, messages]).toEqual([LIMITS.sessionsPerAddress, LIMITS.messagesPerAddressPerMinute])
    expect(admission.enter('192.0.2.1')).toBe(true)
    admission.leave('127.0.0.1')
    expect(admission.enter('127.0.0.1')).toBe(true)
  })

  it('lifts both for loopback only in bench mode', () => {
    expect(fill('bench', '127.0.0.5').entered).toBe(LIMITS.sessionsPerAddress + 1)
    expect(fill('bench', '127.0.0.5').messages).toBe(LIMITS.messagesPerAddressPerMinute + 1)
    expect(fill('bench', '192.0.2.1').entered).toBe(LIMITS.sessionsPerAddress)
  })
})
