import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server'
import { DAY_MS, SECOND_MS } from '#lib/clock'
import type { Wishes } from '#mailcore/ports'

/** The longest time that mail can be held back (RFC 4865 section 4): a month, in seconds. */
const HOLD_MOST_S = (30 * DAY_MS) / SECOND_MS

/** The keyword as EHLO tells it: the longest time, and the moment that is now so far away (RFC 4865 section 4). */
export const holding = (now: Date): string =>
  `FUTURERELEASE ${HOLD_MOST_S} ${new Date(now.getTime() + HOLD_MOST_S * SECOND_MS).toISOString().slice(0, 19)}Z`

export type RecipientWish = NonNullable<Wishes['recipients']>[number]

/** What a client asked for in MAIL FROM; `bad` names the parameter that is wrong. */
export function messageWishes(
  address: SMTPServerAddress,
  session: SMTPServerSession,
  now: Date,
): { wishes: Omit<Wishes, 'recipients'> } | { bad: string } {
  const { dsn, requireTLS } = session.envelope
  const envid = dsn?.envid ? plainText(dsn.envid, 100) : undefined
  if (envid === null) return { bad: 'ENVID' }
  const held = holdOf(address.args || {}, now)
  if (held === 'bad') return { bad: 'HOLDFOR and HOLDUNTIL' }
  return {
    wishes: {
      ...(dsn?.ret ? { ret: dsn.ret === 'FULL' ? 'full' : 'hdrs' } : {}),
      ...(envid ? { envid } : {}),
      ...(requireTLS ? { requireTls: true } : {}),
      ...(held ? { notBefore: held } : {}),
    },
  }
}

/** RFC 4865 section 5: one of the two, within the time that was announced. */
function holdOf(args: Record<string, unknown>, now: Date): Date | null | 'bad' {
  const { HOLDFOR: seconds, HOLDUNTIL: until } = args
  if (seconds === undefined && until === undefined) return null
  if (seconds !== undefined && until !== undefined) return 'bad'
  const at =
    seconds === undefined
      ? // RFC 3339: a time with its offset.
        typeof until === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(until)
        ? Date.parse(until)
        : Number.NaN
      : typeof seconds === 'string' && /^[1-9]\d{0,8}$/.test(seconds)
        ? now.getTime() + Number(seconds) * SECOND_MS
        : Number.NaN
  const ahead = at - now.getTime()
  return ahead > 0 && ahead <= HOLD_MOST_S * SECOND_MS ? new Date(at) : 'bad'
}

const NOTIFY = ['never', 'success', 'failure', 'delay'] as const

/** What a client asked for about one recipient (RFC 3461 4.1, 4.2); the library has looked at the words. Null: the original recipient is no xtext. */
export function recipientWish(address: SMTPServerAddress): RecipientWish | null {
  const { notify, orcpt } = address.dsn ?? {}
  const wanted = NOTIFY.filter((one) => notify?.some((word) => word.toLowerCase() === one))
  const original = orcpt ? plainText(orcpt, 500) : undefined
  if (original === null) return null
  return { ...(wanted.length > 0 ? { notify: wanted } : {}), ...(original ? { orcpt: original } : {}) }
}

/** A value as it was meant: the library has decoded its xtext (RFC 3461 section 4). Null for what is too long, and for whatever holds a control character (S-09). */
const plainText = (text: string, most: number): string | null =>
  text.length <= most && /^[\x20-\x7e]+$/.test(text) ? text : null
