import { RunFault } from './errors'
import { joinFlags } from './flags'
import { SIEVE_LIMITS } from './limits'
import type { Action } from './types'

type FileInto = Extract<Action, { kind: 'fileinto' }>

/** What a run has decided so far. */
export interface Outcome {
  actions: Action[]
  implicitKeep: boolean
}

const INBOX = /^inbox$/i

/** Whether two fileintos mean the same folder, INBOX in any case (RFC 9051 5.1). */
const sameFolder = (a: FileInto, b: FileInto): boolean =>
  (a.path === b.path || (INBOX.test(a.path) && INBOX.test(b.path))) &&
  a.specialUse === b.specialUse &&
  a.mailboxId === b.mailboxId

/**
 * Adds an action: the same one twice counts once (RFC 5228 2.10.3), what excludes each other is refused
 * (RFC 5429 2.3, RFC 5230 4.7), and so is too much. Throws RunFault.
 */
export function addAction(outcome: Outcome, action: Action): void {
  checkCompatible(outcome.actions, action)
  switch (action.kind) {
    case 'keep': {
      const same = outcome.actions.find((one) => one.kind === 'keep')
      if (same) same.flags = joinFlags(same.flags, action.flags)
      else outcome.actions.push(action)
      return
    }
    case 'fileinto':
      addFileInto(outcome, action)
      return
    case 'redirect': {
      const redirects = outcome.actions.filter((one) => one.kind === 'redirect')
      if (redirects.some((one) => one.address === action.address)) return
      if (redirects.length >= SIEVE_LIMITS.redirects)
        throw new RunFault(`Too many redirects: at most ${SIEVE_LIMITS.redirects} addresses are allowed`)
      outcome.actions.push(action)
      return
    }
    case 'discard':
      if (!outcome.actions.some((one) => one.kind === 'discard')) outcome.actions.push(action)
      return
    case 'reject':
    case 'vacation':
      outcome.actions.push(action)
      return
  }
}

function addFileInto(outcome: Outcome, action: FileInto): void {
  const others = outcome.actions.filter((one) => one.kind === 'fileinto')
  const same = others.find((one) => sameFolder(one, action))
  if (same) {
    same.flags = joinFlags(same.flags, action.flags)
    same.create ||= action.create
    return
  }
  if (others.length >= SIEVE_LIMITS.fileintos)
    throw new RunFault(`Too many fileintos: at most ${SIEVE_LIMITS.fileintos} folders are allowed`)
  outcome.actions.push(action)
}

function checkCompatible(actions: readonly Action[], action: Action): void {
  const kinds = new Set(actions.map((one) => one.kind))
  if (action.kind === 'vacation' && kinds.has('vacation'))
    throw new RunFault('Only one "vacation" may be carried out for a message')
  if (action.kind === 'reject' && kinds.has('reject'))
    throw new RunFault('Only one "reject" or "ereject" may be carried out for a message')
  const delivers = (kind: Action['kind']) => kind !== 'discard' && kind !== 'reject'
  const refusing = action.kind === 'reject' ? [...kinds].find(delivers) : undefined
  const refused = kinds.has('reject') && delivers(action.kind) ? action.kind : undefined
  const other = refusing ?? refused
  if (other !== undefined) throw new RunFault(`A message cannot be rejected when there is also a "${other}"`)
}

/**
 * The end of a run: a fileinto of INBOX beside a keep is the same delivery (RFC 5228 2.10.3), and `discard` says no
 * more than that nothing else keeps the message, so beside other actions it goes (RFC 5228 4.4).
 */
export function settle(
  outcome: Outcome,
  keepFlags: string[] | null,
): { actions: Action[]; implicitKeep: boolean; keepFlags: string[] | null } {
  const inbox = outcome.actions.find(
    (one) => one.kind === 'fileinto' && INBOX.test(one.path) && !one.specialUse && !one.mailboxId,
  )
  const keep = outcome.actions.find((one) => one.kind === 'keep')
  let flags = keepFlags
  let actions = outcome.actions
  if (inbox?.kind === 'fileinto' && (keep?.kind === 'keep' || outcome.implicitKeep)) {
    actions = actions.filter((one) => one !== inbox)
    if (keep?.kind === 'keep') keep.flags = joinFlags(keep.flags, inbox.flags)
    else flags = joinFlags(flags, inbox.flags)
  }
  // An explicit keep delivers into INBOX already; the implicit one, left by a :copy before it, would do so again.
  const implicitKeep = outcome.implicitKeep && keep === undefined
  if (actions.length > 1 || implicitKeep) actions = actions.filter((one) => one.kind !== 'discard')
  return { actions, implicitKeep, keepFlags: implicitKeep ? flags : null }
}
