const DOORS: Readonly<Record<string, string>> = { imap: 'read', pop3: 'fetch', submission: 'send' }

/** What a mail program may do, by the doors it may use: "read, fetch and send". */
export const doorWords = (protocols: readonly string[]): string =>
  protocols
    .map((one) => DOORS[one] ?? one)
    .join(', ')
    .replace(/, ([^,]+)$/, ' and $1')
