import type { ResellerRoom } from '#db/control/queries/seats'
import { Fault } from '#lib/errors'
import { gigabytes } from '#server/services/input/text'

/** Refuses to set aside more seats than the reseller has free. `given` is what this tenant already counts for. */
export function requireSeats(room: ResellerRoom, wanted: number, given: number): void {
  const free = Math.max(0, room.seatsCap - (room.seatsClaimed - given))
  if (wanted > free) {
    throw new Fault('LIMIT', `The reseller has ${free} of ${room.seatsCap} seats free; ${wanted} were asked for.`, {
      field: 'seats',
    })
  }
}

/** Refuses a domain cap above what the reseller may have in all. */
export function requireDomainCap(room: ResellerRoom, wanted: number | null): void {
  if (wanted !== null && room.domainsCap !== null && wanted > room.domainsCap) {
    throw new Fault('LIMIT', `The reseller may have ${room.domainsCap} domains; ${wanted} were asked for.`, {
      field: 'domains',
    })
  }
}

/** Refuses to set aside more storage than the reseller has free, in bytes. `given` is what this tenant already counts for. */
export function requireStorage(room: ResellerRoom, wanted: number, given: number): void {
  if (room.storageCap === null) return
  const free = Math.max(0, room.storageCap - (room.storageClaimed - given))
  if (wanted > free) {
    throw new Fault(
      'LIMIT',
      `The reseller has ${gigabytes(free)} of ${gigabytes(room.storageCap)} storage free; ${gigabytes(wanted)} were asked for.`,
      { field: 'storageBytes' },
    )
  }
}
