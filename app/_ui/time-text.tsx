export type TimeTextProps = {
  at: string | number | Date
  /** "day": 17 Nov 2026. "time": 09:14. "full": 17 Nov 2026, 09:14. "short": 17 Nov, 09:14. */
  show?: 'day' | 'time' | 'full' | 'short'
  /** IANA zone; UTC without, and then said after a time of day. */
  zone?: string
  className?: string
}

/** A moment, with its machine form. The words are built here, letter by letter, so server and browser can never differ. */
export function TimeText({ at, show = 'full', zone = 'UTC', className }: TimeTextProps) {
  const moment = new Date(at)
  if (Number.isNaN(moment.getTime())) return <span className={className}>unknown</span>
  return (
    <time className={className} dateTime={moment.toISOString()}>
      {formatTime(moment, show, zone)}
    </time>
  )
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The words of `TimeText` alone, for labels and titles. */
export function formatTime(moment: Date, show: NonNullable<TimeTextProps['show']> = 'full', zone = 'UTC'): string {
  const { year, month, day, hour, minute } = partsOf(moment, zone)
  const clock = `${hour}:${minute}${zone === 'UTC' ? ' UTC' : ''}`
  const date = `${day} ${MONTHS[month - 1]}`
  if (show === 'time') return clock
  if (show === 'day') return `${date} ${year}`
  return show === 'short' ? `${date}, ${clock}` : `${date} ${year}, ${clock}`
}

function partsOf(moment: Date, zone: string) {
  // Only digits are asked of Intl: month names differ between the versions of its data in servers and browsers.
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  const found = new Map(format.formatToParts(moment).map((p) => [p.type, p.value]))
  const get = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? ''
  return {
    year: get('year'),
    month: Number(get('month')),
    day: Number(get('day')),
    hour: get('hour'),
    minute: get('minute'),
  }
}
