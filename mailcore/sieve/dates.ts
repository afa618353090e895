import { formatDate, parseDate } from '#mailcore/proto/date'

/** An instant and the zone it is told in, in minutes east of UTC. */
export interface ZonedDate {
  at: Date
  zoneMinutes: number
}

const TIME = /^[\s\S]{0,100}?\d{1,2}:\d{2}(?::\d{2})?/

/** The date of a header field, which in Received stands behind the last semicolon (RFC 5260 4.1); null where it is none. */
export function headerDate(value: string): ZonedDate | null {
  const text = value.slice(value.lastIndexOf(';') + 1).trim()
  const at = parseDate(text)
  const local = parseDate(TIME.exec(text)?.[0] ?? '')
  if (!at || !local || Number.isNaN(at.getTime())) return null
  // Read without its zone the date counts as UTC, so the difference is the zone.
  return { at, zoneMinutes: (local.getTime() - at.getTime()) / 60_000 }
}

/** A zone as the tests write it, `+hhmm` (RFC 5260 4.1), in minutes; null where it is none. */
export function readZone(text: string): number | null {
  const found = /^([+-])(\d{2})([0-5]\d)$/.exec(text)
  if (!found) return null
  const minutes = Number(found[2]) * 60 + Number(found[3])
  return minutes > 24 * 60 ? null : found[1] === '-' ? -minutes : minutes
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0')

function zoneText(minutes: number, separator: string): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60), 2)}${separator}${digits(size % 60, 2)}`
}

const DAY_MS = 86_400_000
/** Days from 17 November 1858, where Julian days are counted from, to 1970. */
const JULIAN_EPOCH = 40_587

const PARTS = new Map<string, (local: Date, zoneMinutes: number) => string>([
  ['year', (local) => digits(local.getUTCFullYear(), 4)],
  ['month', (local) => digits(local.getUTCMonth() + 1, 2)],
  ['day', (local) => digits(local.getUTCDate(), 2)],
  ['date', (local) => local.toISOString().slice(0, 10)],
  ['julian', (local) => String(Math.floor(local.getTime() / DAY_MS) + JULIAN_EPOCH)],
  ['hour', (local) => digits(local.getUTCHours(), 2)],
  ['minute', (local) => digits(local.getUTCMinutes(), 2)],
  ['second', (local) => digits(local.getUTCSeconds(), 2)],
  ['time', (local) => local.toISOString().slice(11, 19)],
  ['iso8601', (local, zone) => `${local.toISOString().slice(0, 19)}${zoneText(zone, ':')}`],
  ['std11', (local, zone) => formatDate(local).replace('+0000', zoneText(zone, ''))],
  ['zone', (_, zone) => zoneText(zone, '')],
  ['weekday', (local) => String(local.getUTCDay())],
])

/** Whether RFC 5260 4.2 knows a date part; letter case does not count. */
export const isDatePart = (name: string): boolean => PARTS.has(name.toLowerCase())

/** One part of a date (RFC 5260 4.2); '' for a part that is not known. */
export function datePart(date: ZonedDate, name: string): string {
  const local = new Date(date.at.getTime() + date.zoneMinutes * 60_000)
  return PARTS.get(name.toLowerCase())?.(local, date.zoneMinutes) ?? ''
}
