import { codeOf, Fault, isOutage } from '#lib/errors'
import type { Forward, MailStore, Memory } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import type { Action, SieveOutcome } from '#mailcore/sieve/types'
import { tellOwner } from './notice'
import type { FilterParts } from './parts'
import { isLoop, redirect } from './redirect'
import { refuse } from './refuse'
import { findFolder, type Subject, withUse } from './run'
import { answer } from './vacation'

/** Where a message goes and what is sent because of it. */
interface Plan {
  into: { path: string; flags: string[] }[]
  /** Before the message is filed: what must not be lost */
  sends: { name: string; send: () => Promise<void> }[]
  vacations: Extract<Action, { kind: 'vacation' }>[]
  /** Something could not be done, so that the message is in INBOX besides */
  trouble: string | null
}

/**
 * Does what a script has decided. What is sent is queued first and the message filed after: two logins of one database, so two commits. Whoever dies in
 * between leaves a message that is still waiting, and a redirect or a refusal may go out twice; the other order would lose them. In one process a second
 * try leaves out what was queued in the first.
 */
export async function apply(
  parts: FilterParts,
  store: MailStore,
  subject: Subject,
  decided: { outcome: SieveOutcome; memories: readonly Memory[]; script: string; forward: Forward | null },
): Promise<void> {
  const plan = await makePlan(parts, store, subject, decided.outcome)
  await sortOut(store, subject, plan)
  if (decided.forward) await addForward(parts, store, subject, decided.forward, plan)
  const { waiting } = subject
  let filed = false
  const names = plan.sends.map(({ name }) => name)
  await parts.halfDone.run(
    () => JSON.stringify([store.account.accountId, waiting.folderId, waiting.uid, names]),
    [
      ...plan.sends.map(({ send }) => send),
      async () => {
        filed = await file(store, subject, plan, decided.memories)
      },
    ],
  )
  if (!filed) return
  if (plan.trouble) {
    const fault = { script: decided.script || 'Forwarding', what: plan.trouble }
    await afterwards(parts, store, () => tellOwner(parts, store, subject.owner.address, fault))
  }
  for (const vacation of plan.vacations) await afterwards(parts, store, () => answer(parts, store, vacation, subject))
}

/** What follows once the message is filed is worth a line in the log when it fails, and no second try. */
export async function afterwards(
  parts: Pick<FilterParts, 'log'>,
  store: MailStore,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    parts.log.warn('filter.afterwards', { accountId: store.account.accountId, code: codeOf(error) })
  }
}

/** Copies that have no room are left out; the first takes the room the message has already. */
async function file(store: MailStore, { waiting }: Subject, plan: Plan, memories: readonly Memory[]): Promise<boolean> {
  try {
    return await store.fileWaiting(waiting, plan.into, memories)
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'OVER_QUOTA') || plan.into.length < 2) throw error
    return store.fileWaiting(waiting, plan.into.slice(0, 1), memories)
  }
}

async function makePlan(parts: FilterParts, store: MailStore, subject: Subject, outcome: SieveOutcome): Promise<Plan> {
  const plan: Plan = { into: [], sends: [], vacations: [], trouble: null }
  if (outcome.implicitKeep) plan.into.push({ path: 'INBOX', flags: outcome.keepFlags ?? [] })
  for (const action of outcome.actions) await addAction(parts, store, subject, action, plan)
  if (plan.trouble !== null) plan.into.push({ path: 'INBOX', flags: [] })
  return plan
}

/** What its owner would call spam goes into Junk in place of INBOX; what a script has put elsewhere stays there. */
async function sortOut(store: MailStore, { raw }: Subject, plan: Plan): Promise<void> {
  const at = plan.into.findIndex(({ path }) => path === 'INBOX')
  if (at < 0 || plan.trouble !== null || !(await store.looksLikeSpam(raw))) return
  const junk = await withUse(store, '\\Junk')
  if (junk) plan.into[at] = { path: junk.path, flags: [] }
}

/** What would be in INBOX goes on as well, or instead; what the script has put elsewhere, or nowhere, stays as it decided. */
async function addForward(
  parts: FilterParts,
  store: MailStore,
  subject: Subject,
  forward: Forward,
  plan: Plan,
): Promise<void> {
  if (!plan.into.some(({ path }) => path === 'INBOX') || plan.trouble !== null) return
  // Mail to a group or list names no address of the owner's own; the rule does.
  const [state] = await parts.directory.resolve([forward.owner])
  const maySend = state?.kind === 'mailbox' || state?.kind === 'full'
  const owned: Subject = { ...subject, owner: { ...subject.owner, address: forward.owner, maySend } }
  const before = plan.sends.length
  for (const address of forward.to) await addRedirect(parts, store, owned, address, plan)
  const goes = plan.sends.length - before
  if (!forward.keep && goes === forward.to.length && plan.trouble === null)
    plan.into = plan.into.filter(({ path }) => path !== 'INBOX')
}

async function addAction(
  parts: FilterParts,
  store: MailStore,
  subject: Subject,
  action: Action,
  plan: Plan,
): Promise<void> {
  switch (action.kind) {
    case 'keep':
      plan.into.push({ path: 'INBOX', flags: action.flags ?? [] })
      return
    case 'discard':
      return
    case 'fileinto': {
      const path = await folderFor(store, action)
      if (path !== null) plan.into.push({ path, flags: action.flags ?? [] })
      else plan.trouble = `There is no folder "${action.path.slice(0, 100)}".`
      return
    }
    case 'redirect':
      return addRedirect(parts, store, subject, action.address, plan)
    case 'reject':
      return addRefusal(parts, store, subject, action.reason, plan)
    case 'vacation':
      plan.vacations.push(action)
      return
  }
}

/** The path of the folder that a fileinto means, made where the script says so; null where there is none. */
async function folderFor(store: MailStore, action: Extract<Action, { kind: 'fileinto' }>): Promise<string | null> {
  if (action.mailboxId !== undefined) {
    const byId = (await store.folders()).find((folder) => folder.id === action.mailboxId)
    if (byId) return byId.path
  }
  if (action.specialUse !== undefined) {
    const byUse = await withUse(store, action.specialUse)
    if (byUse) return byUse.path
  }
  const known = await findFolder(store, action.path)
  if (known) return known.path
  if (!action.create) return null
  try {
    return (await store.createFolder(action.path)).path
  } catch (error) {
    // Made by a client meanwhile; or no name of a folder, or one too many.
    if (!(error instanceof Fault) || isOutage(error)) throw error
    return error.code === 'CONFLICT' ? action.path : null
  }
}

async function addRedirect(
  parts: FilterParts,
  store: MailStore,
  { waiting, raw, header, owner }: Subject,
  address: string,
  plan: Plan,
): Promise<void> {
  const { account } = store
  const parsed = parseAddress(address)
  if (!parsed) {
    plan.trouble = 'An address to redirect to is not one we can send to.'
    return
  }
  // To oneself is to keep.
  if (await parts.directory.mayUse(account, parsed.address)) {
    plan.into.push({ path: 'INBOX', flags: [] })
    return
  }
  if (isLoop(header, account.accountId)) {
    plan.trouble = 'A message came back after it had been redirected; it went no further.'
    return
  }
  const from = owner.address
  if (from === null || !owner.maySend) {
    plan.trouble = 'A message could not be redirected, since nothing may be sent from this address at the moment.'
    return
  }
  plan.sends.push({
    name: `redirect ${parsed.address}`,
    send: () => redirect(parts, account, { waiting, raw, header, owner: from, address: parsed.address }),
  })
}

function addRefusal(
  parts: FilterParts,
  store: MailStore,
  { waiting, header, owner }: Subject,
  reason: string,
  plan: Plan,
): void {
  // Nobody to tell (RFC 5429 2.1, RFC 5321 4.5.5): then it is discarded.
  if (waiting.sender === '' || !parseAddress(waiting.sender)) return
  const from = owner.address
  if (from === null || !owner.maySend) {
    plan.trouble = 'A message could not be refused, since nothing may be sent from this address at the moment.'
    return
  }
  plan.sends.push({
    name: 'refuse',
    send: () => refuse(parts, store.account, { waiting, header, owner: from, reason }),
  })
}
