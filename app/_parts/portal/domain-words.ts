import type { DnsView } from '#server/services/dns/read'

/** What a look at the records has found, in a sentence. */
export function checkWords({ records }: DnsView): string {
  const right = records.filter(({ state }) => state === 'right').length
  const silent = records.some(({ state }) => state === 'unknown')
  return `${right} of ${records.length} records are right.${silent ? ' Some name servers did not answer.' : ''}`
}

export const rotateWords = ({ made }: { made: number }): string =>
  made === 0
    ? 'New keys wait for their records already. Nothing was changed.'
    : 'New keys are made. Set their records; until then the present keys sign.'

/** Anything else than what may be chosen becomes what the schema refuses by its own rule. */
export const stsModeOf = (text: string): 'none' | 'testing' | 'enforce' =>
  text === 'none' || text === 'enforce' ? text : 'testing'
