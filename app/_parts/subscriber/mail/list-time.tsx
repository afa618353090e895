'use client'
import { formatTime } from '../../../_ui'

/** The zone of the reader's own system; it is not sent anywhere. */
export const readerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** When a message came, as short as a list can say it: the time today, the day this year, else the year too. */
export function ListTime({ at }: { at: Date }) {
  const zone = readerZone()
  const day = formatTime(at, 'day', zone)
  const today = formatTime(new Date(), 'day', zone)
  const sameYear = day.slice(-4) === today.slice(-4)
  const words = day === today ? formatTime(at, 'time', zone).slice(0, 5) : sameYear ? day.slice(0, -5) : day
  return <time dateTime={at.toISOString()}>{words}</time>
}
