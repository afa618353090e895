import type { AccountStatistics } from '#server/services/account/statistics'
import type { AccountView } from '#server/services/account/view'
import type { AuditView } from '#server/services/audit/view'
import type { AppPasswordView } from '#server/services/credential/list'
import { ledgerWords } from './ledger-words'
import { countWords, sizeWords } from './words'

/** One thing that waits for the owner, or that they should know. */
export interface Need {
  key: string
  icon: 'drive' | 'access' | 'trash' | 'phone' | 'laptop' | 'clock'
  tone?: 'warn' | 'bad'
  title: string
  text: string
  act: { label: string; href: string }
}

/** What the home page knows when it is shown. */
export interface Known {
  account: AccountView
  statistics: AccountStatistics
  ledger: readonly AuditView[]
  appPasswords: readonly AppPasswordView[]
  otherSessions: number
  /** Deleted messages that go for good within a day. */
  goingSoon: number
  now: Date
}

const WEEK_MS = 7 * 24 * 3_600_000
const NEARLY_FULL = 0.9

/** What needs the owner, most urgent first. */
export function needsYou(known: Known): Need[] {
  return [storageNeed(known), othersNeed(known), goingNeed(known), sessionsNeed(known), appNeed(known)].filter(
    (need) => need !== null,
  )
}

/** How many of these are something to do, rather than something to know. */
export const toDo = (needs: readonly Need[]): number => needs.filter((need) => need.tone !== undefined).length

function storageNeed({ statistics: { usedBytes, quotaBytes } }: Known): Need | null {
  if (quotaBytes <= 0 || usedBytes < quotaBytes * NEARLY_FULL) return null
  const full = usedBytes >= quotaBytes
  return {
    key: 'storage',
    icon: 'drive',
    tone: full ? 'bad' : 'warn',
    title: full ? 'Your mailbox is full' : 'Your mailbox is nearly full',
    text: `${sizeWords(usedBytes)} of ${sizeWords(quotaBytes)} are used. ${full ? 'New mail is put off: senders try again for some days.' : 'When it is full, new mail is put off.'} Delete what you do not need, or ask for more.`,
    act: { label: 'Open mail', href: '/dashboard/mail' },
  }
}

function othersNeed({ ledger, account, now }: Known): Need | null {
  const recent = ledger.filter(
    (entry) =>
      !ledgerWords(entry, account.accountId).own &&
      entry.action !== 'account.create' &&
      now.getTime() - entry.at.getTime() < WEEK_MS,
  )
  const last = recent[0]
  if (!last) return null
  const { who, did } = ledgerWords(last, account.accountId)
  return {
    key: 'others',
    icon: 'access',
    tone: 'warn',
    title: `${countWords(recent.length, 'act', 'acts')} by others on your account this week`,
    text: `Last: ${who}, “${did}”. If you do not know why, ask them: the reason they gave stands on the ledger.`,
    act: { label: 'See the ledger', href: '/dashboard/access?who=others' },
  }
}

function goingNeed({ goingSoon }: Known): Need | null {
  if (goingSoon === 0) return null
  return {
    key: 'going',
    icon: 'trash',
    title: `${countWords(goingSoon, 'deleted message goes', 'deleted messages go')} for good within a day`,
    text: 'Until then you can bring them back. Afterwards nobody can.',
    act: { label: 'Look through them', href: '/dashboard/retention#recoverable' },
  }
}

function sessionsNeed({ otherSessions }: Known): Need | null {
  if (otherSessions === 0) return null
  return {
    key: 'sessions',
    icon: 'laptop',
    title: `${countWords(otherSessions, 'other browser is', 'other browsers are')} signed in`,
    text: 'If one of them is not yours, sign it out and change your password.',
    act: { label: 'See them', href: '/dashboard/security#sessions' },
  }
}

function appNeed({ appPasswords }: Known): Need | null {
  if (appPasswords.length > 0) return null
  return {
    key: 'app',
    icon: 'phone',
    title: 'No mail app is set up',
    text: 'An app password lets a phone or mail program in, and can be taken back without changing your own.',
    act: { label: 'Make one', href: '/dashboard/security#app-passwords' },
  }
}
