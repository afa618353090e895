/** What a tenant has chosen about mail that comes in. */
export interface MailPolicy {
  /** Spam, and mail that its author's domain wants set apart, goes into Junk or waits in quarantine. */
  spam: 'junk' | 'quarantine'
  /** rspamd's score in tenths from which a message is spam, and from which it is refused */
  junkScoreTenths: number
  rejectScoreTenths: number
  /** Unknown senders are asked to come again: never, where the message looks suspicious, or always. */
  greylist: 'off' | 'suspicious' | 'all'
  /** Obey p=reject and p=quarantine of the author's domain (RFC 7489 6.3), or only note it. */
  dmarc: 'obey' | 'note'
}

/** The policy of a tenant that has chosen nothing; the columns of mail_policy begin with the same. 6 and 15 are rspamd's own thresholds. */
export const INITIAL_MAIL_POLICY: MailPolicy = {
  spam: 'junk',
  junkScoreTenths: 60,
  rejectScoreTenths: 150,
  greylist: 'off',
  dmarc: 'obey',
}
