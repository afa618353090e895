import { type Clock, MINUTE_MS } from '#lib/clock'
import { networkOf } from '#lib/ip'
import { LIMITS } from '#lib/limits'
import { createRate, isLoopback } from './rate'

/** `bench` lifts the ceilings per address for 127.0.0.0/8, and for nobody else. */
export type LimitsMode = 'normal' | 'bench'

/** Who may come in at a door, and how much they may bring. One per door; holds counters only. */
export interface Admission {
  /** False when this address holds all the sessions it may. Every true must be paired with `leave`. */
  enter(address: string): boolean
  leave(address: string): void
  /** False when this address has sent all the messages it may for now. */
  message(address: string): boolean
}

export function createAdmission(options: { limits: LimitsMode; clock: Clock }): Admission {
  const sessions = new Map<string, number>()
  const messages = createRate({
    limit: LIMITS.messagesPerAddressPerMinute,
    windowMs: MINUTE_MS,
    clock: options.clock,
  })
  const lifted = (address: string) => options.limits === 'bench' && isLoopback(address)
  return {
    enter(address) {
      const key = networkOf(address)
      const held = sessions.get(key) ?? 0
      if (held >= LIMITS.sessionsPerAddress && !lifted(address)) return false
      sessions.set(key, held + 1)
      return true
    },
    leave(address) {
      const key = networkOf(address)
      const held = sessions.get(key) ?? 0
      if (held <= 1) sessions.delete(key)
      else sessions.set(key, held - 1)
    },
    message: (address) => lifted(address) || messages.take(networkOf(address)),
  }
}
