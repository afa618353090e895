/** What a failure is about, by RFC 3463 status and reply code. */
export type BounceClass = 'unknown' | 'full' | 'policy' | 'spam' | 'network' | 'content' | 'other'

/** Statuses that say the mailbox is not there, and will not be tomorrow. */
const UNKNOWN = new Set(['5.1.1', '5.1.6', '5.1.10', '5.2.1'])
const SPAM =
  /\b(?:spam|blacklist|blocklist|block list|black list|listed|reputation|spamhaus|barracuda|sorbs|rbl|dnsbl)\b/i

/** Classifies a refusal for good. The text is looked at only where the status says no more than "no". */
export function classify(enhanced: string, text = ''): BounceClass {
  if (UNKNOWN.has(enhanced)) return 'unknown'
  const [, subject = '0', detail = '0'] = enhanced.split('.')
  if (subject === '2' && detail === '2') return 'full'
  if (subject === '7') return SPAM.test(text) ? 'spam' : 'policy'
  if (subject === '4' || (subject === '1' && detail === '2')) return 'network'
  if (subject === '6' || (subject === '3' && detail === '4')) return 'content'
  if (subject === '0') {
    if (SPAM.test(text)) return 'spam'
    if (
      /\b(?:user|recipient|mailbox|address)\b.{0,40}\b(?:unknown|not found|does(?:n't| not) exist|invalid)\b|no such (?:user|mailbox|recipient)/i.test(
        text,
      )
    )
      return 'unknown'
  }
  return 'other'
}
