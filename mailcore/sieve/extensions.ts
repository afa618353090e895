/** What `require` may name and ManageSieve announces, each implemented as a whole (RFC 5228 6; RFC 5804 1.7). */
export const SIEVE_EXTENSIONS: readonly string[] = [
  'fileinto',
  'reject',
  'ereject',
  'envelope',
  'encoded-character',
  'vacation',
  'vacation-seconds',
  'subaddress',
  'comparator-i;ascii-numeric',
  'comparator-i;unicode-casemap',
  'relational',
  'regex',
  'imap4flags',
  'copy',
  'include',
  'variables',
  'body',
  'mailbox',
  'special-use',
  'mailboxid',
  'date',
  'index',
  'ihave',
  'duplicate',
  'environment',
]

const KNOWN = new Set([...SIEVE_EXTENSIONS, 'comparator-i;octet', 'comparator-i;ascii-casemap'])

/** RFC 5228 2.7.3: the two comparators of the base language may be required though they need not be. */
export const isExtension = (name: string): boolean => KNOWN.has(name)

/** What an extension brings along: RFC 6131 2. */
export const impliedBy = (name: string): readonly string[] => (name === 'vacation-seconds' ? ['vacation'] : [])
