import { normaliseAddress } from '#mailcore/proto/address'
import { ownAddress } from './addresses'
import { type Frame, oneText, tagNumber, tagText, textsIn } from './context'
import { digestOf } from './duplicate'
import { RunFault } from './errors'
import { SIEVE_LIMITS } from './limits'
import type { Node } from './program'
import { cutBytes } from './strings'
import type { Action } from './types'

const { least, leastByDays, initially, most } = SIEVE_LIMITS.vacationSeconds
const DAY_SECONDS = 86_400
/** RFC 5322 2.1.1: a line. */
const SUBJECT_BYTES = 998

/** The answer that `vacation` asks for (RFC 5230 4); whether it may be sent is for the worker to decide (4.5, 4.6). */
export function vacationAction(frame: Frame, node: Node): Action {
  const reason = oneText(frame, node.args[0])
  const subject = tagText(frame, node, ':subject')
  const from = tagText(frame, node, ':from')
  const mime = node.tags.has(':mime')
  const handle = tagText(frame, node, ':handle')
  return {
    kind: 'vacation',
    // RFC 5230 4.2: without a handle, answers that differ in anything are different answers.
    handle:
      handle === undefined
        ? digestOf(['answer', subject ?? null, from ?? null, String(mime), reason])
        : digestOf(['handle', handle]),
    seconds: periodSeconds(node),
    subject: subject === undefined ? null : subjectLine(subject),
    from: from === undefined ? null : senderOf(frame, from),
    addresses: textsIn(frame, node.tags.get(':addresses'))
      .map(normaliseAddress)
      .filter((address) => address !== null),
    reason,
    mime,
  }
}

function periodSeconds(node: Node): number {
  const days = tagNumber(node, ':days')
  if (days !== undefined) return Math.min(Math.max(days * DAY_SECONDS, leastByDays), most)
  return Math.min(Math.max(tagNumber(node, ':seconds') ?? initially, least), most)
}

/** A subject goes into a header field: nothing in it may begin another one. */
const subjectLine = (text: string): string =>
  cutBytes(text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim(), SUBJECT_BYTES)

function senderOf(frame: Frame, text: string): string | null {
  const address = readMailbox(text)
  if (address === null) throw new RunFault('The address of ":from" is not valid')
  return ownAddress(address, frame.run.env.ownAddresses)
}

/** `a@b` or `Name <a@b>` as its address; null where it is neither (RFC 5230 4.3). */
export function readMailbox(text: string): string | null {
  const angle = /^[^<>\r\n]*<([^<>\s]+)>\s*$/.exec(text)
  return normaliseAddress(angle?.[1] ?? text.trim())
}
