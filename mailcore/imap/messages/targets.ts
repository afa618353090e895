import { Refused } from '../command'
import { IMAP_LIMITS } from '../limits'
import type { Session } from '../session'
import { BadSyntax } from '../wire/cursor'
import type { SequenceSet } from '../wire/sequence-set'

/** The uids a command's set names. A sequence number beyond the last message is the client's error (RFC 9051 section 9, seq-number). */
export function targetsOf(session: Session, set: SequenceSet, byUid: boolean): Uint32Array {
  const uids = session.mailbox.resolve(set, byUid)
  if (uids === 'beyond') throw new BadSyntax('There is no message of that number')
  return uids
}

/** As `targetsOf`, for commands that do all or nothing: refuses more messages than one command may touch (RFC 9738). */
export function wholeTargets(session: Session, set: SequenceSet, byUid: boolean): Uint32Array {
  const uids = targetsOf(session, set, byUid)
  const most = IMAP_LIMITS.messagesPerCommand
  if (uids.length > most)
    throw new Refused(`At most ${most} messages at once`, `MESSAGELIMIT ${most} ${uids[most - 1] ?? 0}`)
  return uids
}

/** Refuses what changes a mailbox opened for reading, or without these rights (RFC 4314). */
export function needWrite(session: Session, rights: string): void {
  const { mailbox } = session
  if (mailbox.readOnly) throw new Refused('The mailbox was opened for reading only', 'READ-ONLY')
  for (const right of rights)
    if (!mailbox.may(right)) throw new Refused('The owner of this mailbox does not allow that', 'NOPERM')
}
