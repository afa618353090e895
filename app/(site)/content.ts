/** One promise of the public home, and the mechanism that keeps it in this build. */
export interface Promise_ {
  id: string
  statement: string
  because: string
}

export const KEPT: readonly Promise_[] = [
  {
    id: 'P1',
    statement: 'Visits set no cookie and store nothing about you',
    because:
      'Public pages have no cookie, no script of anyone else and no counter. A cookie appears when you sign in, to keep you signed in.',
  },
  {
    id: 'P6',
    statement: 'Mail, subjects, addresses and names are encrypted at rest',
    because:
      'Each message has its own key, wrapped under its account’s; each account’s under its organisation’s. The keys live in a database of their own.',
  },
  {
    id: 'P9',
    statement: 'Where you are never leaves in your mail',
    because:
      'Your address on the network and the traces of your mail app are removed before a message is stored or sent.',
  },
  {
    id: 'P10',
    statement: 'Mail between people here stays here',
    because:
      'It goes from one mailbox into the other inside the system, sealed under the key of the one who receives it.',
  },
  {
    id: 'P11',
    statement: 'Your mail is stored in the region chosen for it',
    because: 'Each region has a mail database of its own; the region of an account decides which one holds its mail.',
  },
  {
    id: 'P13',
    statement: 'Deleted mail goes when you say, after 30 days at most',
    because:
      'You choose 0 to 30 days within your organisation’s limit. Until then you can bring it back; afterwards its text and its key are destroyed.',
  },
  {
    id: 'P20',
    statement: 'You see who acted on your account',
    because:
      'Whatever an administrator, a reseller or we do to it is written down with the act itself: who, what, why and when.',
  },
]

/** One header of a message on its way out. */
export interface Removed {
  header: string
  tells: string
  leaves: boolean
}

export const REMOVED: readonly Removed[] = [
  { header: 'Received', tells: 'Your place and provider', leaves: false },
  { header: 'X-Originating-IP', tells: 'Your address on the network', leaves: false },
  { header: 'User-Agent', tells: 'Your software and device', leaves: false },
  { header: 'Bcc', tells: 'Who else got it', leaves: false },
  { header: 'From', tells: 'Your name and address', leaves: true },
  { header: 'Subject', tells: 'What it is about', leaves: true },
]

export const LIMITS_SAID: { term: string; value: string }[] = [
  {
    term: 'An open mailbox',
    value:
      'While you are signed in, or a mail app is connected, the server holds your key in memory. Encryption protects what is stored and offline; it does not protect against altered code.',
  },
  {
    term: 'Mail from outside',
    value:
      'A message from another provider arrives in clear over TLS. It is read in memory to be stored, and encrypted before it is written to disk.',
  },
  {
    term: 'Erasing',
    value:
      'Destroying a key is instant. A backup of the key database, where the operator keeps one, holds it until that backup itself is gone.',
  },
]
