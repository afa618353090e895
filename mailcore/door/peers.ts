import { LIMITS } from '#lib/limits'

/** Counts sessions per address (memory only, never stored): one address cannot take the whole door. */
export function createPeerLimit(lifted: (address: string) => boolean) {
  const counts = new Map<string, number>()
  return {
    /** Takes a place for `address`, or says that there is none. */
    enter(address: string): boolean {
      const count = counts.get(address) ?? 0
      if (count >= LIMITS.sessionsPerAddress && !lifted(address)) return false
      counts.set(address, count + 1)
      return true
    },
    leave(address: string): void {
      const count = (counts.get(address) ?? 1) - 1
      if (count > 0) counts.set(address, count)
      else counts.delete(address)
    },
  }
}
