import { DAY_MS } from '#lib/clock'
import { codeOf, Fault } from '#lib/errors'
import { type Branded, newId } from '#lib/ids'
import type { MailStore } from '#mailcore/ports'
import { formatDate } from '#mailcore/proto/date'
import { headerText, textPart } from '#mailcore/proto/header-text'
import { domainOf } from './owner'
import type { FilterParts } from './parts'

/** Why a script did not do its work, in words that hold nothing of the message. */
export interface ScriptFault {
  script: string
  /** From 1 */
  line?: number
  /** One sentence of ours, or of the compiler's about the script's own text */
  what: string
}

/** Cannot meet a key of the owner's script: those begin with another letter (see run.ts). */
const MEMORY = 'w|script fault'

/**
 * Tells the owner, at most once a day, that a script failed and its mail is in INBOX. Appended and not delivered, so that no script sees it. That it
 * cannot be told is no reason to keep mail waiting: a full mailbox gets no notice.
 */
export async function tellOwner(
  parts: Pick<FilterParts, 'clock' | 'log' | 'hostname'>,
  store: MailStore,
  owner: string | null,
  fault: ScriptFault,
): Promise<void> {
  const now = parts.clock.now()
  if (await store.remember('duplicate', MEMORY, new Date(now.getTime() + DAY_MS))) return
  try {
    await store.append('INBOX', { raw: buildNotice(owner, parts.hostname, fault, now), flags: [], receivedAt: now })
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'OVER_QUOTA')) throw error
    parts.log.info('filter.notice', { accountId: store.account.accountId, code: codeOf(error) })
  }
}

function buildNotice(owner: string | null, hostname: string, fault: ScriptFault, now: Date): Buffer {
  const domain = owner === null ? hostname : domainOf(owner)
  const part = textPart(
    [
      `Your mail filter "${fault.script}" could not do its work${fault.line === undefined ? '' : ` (line ${fault.line})`}:`,
      '',
      `    ${fault.what}`,
      '',
      'Nothing was lost: mail that it could not sort is in your INBOX.',
      'Please correct the filter, or switch it off. If it goes on failing you are told once a day.',
    ].join('\n'),
  )
  const head = [
    `From: Mail filter <postmaster@${domain}>`,
    `To: <${owner ?? `postmaster@${domain}`}>`,
    `Subject: ${headerText('Your mail filter has a fault')}`,
    `Date: ${formatDate(now)}`,
    `Message-ID: <${newId<Branded<'MessageToken'>>(now.getTime())}@${domain}>`,
    'Auto-Submitted: auto-generated',
    ...part.fields,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${part.body}`)
}
