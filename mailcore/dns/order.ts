import type { MxHost } from '#mailcore/ports'

/** Hosts of one domain that are ever tried. */
const HOSTS_MOST = 20

/** RFC 5321 5.1: by preference, equals in random order. A sole "." is a null MX (RFC 7505) and gives no host. */
export function inOrder(records: readonly { exchange: string; priority: number }[]): MxHost[] {
  return records
    .filter(({ exchange }) => exchange !== '' && exchange !== '.')
    .map(({ exchange, priority }) => ({
      host: exchange.toLowerCase().replace(/\.$/, ''),
      priority,
      lot: Math.random(),
    }))
    .sort((a, b) => a.priority - b.priority || a.lot - b.lot)
    .slice(0, HOSTS_MOST)
    .map(({ host, priority }) => ({ host, priority }))
}
