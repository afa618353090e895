const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

const two = (n: number): string => (n < 10 ? `0${n}` : String(n))

/** RFC 5322 3.3 date-time, always in UTC: a zone tells where somebody is. */
export function formatDate(date: Date): string {
  const day = `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`
}

const ZONES = new Map([
  ['ut', 0],
  ['utc', 0],
  ['gmt', 0],
  ['z', 0],
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
])

const DATE =
  /^(?:[a-z]{3,9}\s{0,9},)?\s{0,9}(\d{1,2})\s{1,9}([a-z]{3})[a-z]{0,6}\s{1,9}(\d{2,4})\s{1,9}(\d{1,2}):(\d{2})(?::(\d{2}))?\s{0,9}([+-]\d{4}|[a-z]{1,5})?/i

/** A Date field's instant (RFC 5322 3.3 and 4.3), or null when it is none. */
export function parseDate(text: string): Date | null {
  const match = DATE.exec(text.slice(0, 200).trim())
  if (!match) return null
  const month = MONTHS.findIndex((name) => name.toLowerCase() === match[2]?.toLowerCase())
  if (month < 0) return null
  let year = Number(match[3])
  if (year < 50) year += 2000
  else if (year < 1000) year += 1900
  const offset = offsetMinutes(match[7] ?? 'z')
  const [day, hour, minute, second] = [Number(match[1]), Number(match[4]), Number(match[5]), Number(match[6] ?? 0)]
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null
  return new Date(Date.UTC(year, month, day, hour, minute, second) - offset * 60_000)
}

/** Minutes east of UTC; an unknown zone name counts as UTC (RFC 5322 4.3). */
function offsetMinutes(zone: string): number {
  if (zone[0] !== '+' && zone[0] !== '-') return ZONES.get(zone.toLowerCase()) ?? 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))
  return zone[0] === '-' ? -minutes : minutes
}
