import { SECOND_MS } from '#lib/clock'
import { codeOf, isOutage } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { AccountRef, Forward, MailStore, Waiting } from '#mailcore/ports'
import { readHeader } from '#mailcore/proto/header'
import type { CompileResult, SieveOutcome } from '#mailcore/sieve/types'
import { afterwards, apply } from './apply'
import { type ScriptFault, tellOwner } from './notice'
import { findOwner } from './owner'
import type { FilterParts } from './parts'
import { runOver, type Subject } from './run'

/** Messages taken in hand at once: bounds the memory for their envelopes; bodies are read one by one. */
const BATCH = 100

/**
 * How long one turn lasts before it is given back: below the minute after which the database ends a transaction that does nothing, as the one that holds
 * the turn does, and short enough that one account's flood keeps no other waiting.
 */
const TURN_MS = 20 * SECOND_MS

interface Active {
  name: string
  text: string
  compiled: CompileResult
}

/** What is done with an account's mail. */
interface Rules {
  active: Active | null
  forward: Forward | null
}

/**
 * Files everything that waits for one account, oldest first; the account's turn must be held. True when something is left to be tried again soon.
 * Throws on outages of our own, which are no message's fault and count as no attempt.
 */
export async function emptyIntake(
  parts: FilterParts,
  account: AccountRef,
  options: { startedAt: Date; stopping: AbortSignal },
): Promise<boolean> {
  const store = await parts.stores.open(account)
  try {
    const left = new Set<number>()
    let again = false
    const until = parts.clock.now().getTime() + TURN_MS
    let rules: Rules = { active: null, forward: null }
    for (;;) {
      const found = await store.waiting(BATCH + left.size)
      const batch = found.filter((waiting) => !left.has(waiting.uid))
      if (batch.length === 0) return again
      rules = { active: await readActive(parts, store, rules.active), forward: await store.forward() }
      for (const waiting of batch) {
        if (options.stopping.aborted || parts.clock.now().getTime() > until) return true
        const done = await handle(parts, store, rules, waiting, options.startedAt)
        if (done === 'filed') continue
        left.add(waiting.uid)
        again ||= done === 'again'
      }
    }
  } finally {
    store.close()
  }
}

/** The active script, compiled again only when it has changed. */
async function readActive(parts: FilterParts, store: MailStore, before: Active | null): Promise<Active | null> {
  const script = await store.activeScript()
  if (!script) return null
  if (before?.text === script.text && before.name === script.name) return before
  return { ...script, compiled: parts.sieve.compile(script.text) }
}

/** `again`: another attempt soon. `stuck`: not even INBOX takes it, so it waits for a sweep. */
async function handle(
  parts: FilterParts,
  store: MailStore,
  rules: Rules,
  waiting: Waiting,
  startedAt: Date,
): Promise<'filed' | 'again' | 'stuck'> {
  const { accountId } = store.account
  const last = waiting.attempts >= LIMITS.filterAttempts
  // What waited before this process began may be what ended the one before: counted first, so that a message that kills its worker is given up on.
  // What came since costs no commit of its own, and is counted only when it fails.
  let counted = false
  try {
    if (last) {
      parts.log.warn('filter.unfiltered', { accountId, uid: waiting.uid, attempts: waiting.attempts })
      await store.fileWaiting(waiting, [{ path: 'INBOX', flags: [] }])
      return 'filed'
    }
    if (waiting.arrivedAt < startedAt) {
      counted = true
      await store.failedWaiting(waiting)
    }
    await filter(parts, store, rules, waiting)
    return 'filed'
  } catch (error) {
    if (isOutage(error)) throw error
    parts.log.warn('filter.message', { accountId, uid: waiting.uid, code: codeOf(error) })
    if (last) return 'stuck'
    if (!counted) await store.failedWaiting(waiting)
    return 'again'
  }
}

async function filter(parts: FilterParts, store: MailStore, rules: Rules, waiting: Waiting): Promise<void> {
  const raw = await readRaw(store, waiting)
  // Gone: filed meanwhile by another worker.
  if (!raw) return
  const header = readHeader(raw)
  const subject: Subject = { waiting, raw, header, owner: await findOwner(parts, store.account, waiting, header) }
  const { active, forward } = rules
  if (!active) return apply(parts, store, subject, { outcome: KEEP, memories: [], script: '', forward })
  const { compiled, name } = active
  if (!compiled.ok) {
    const [first] = compiled.errors
    return keep(parts, store, subject, { script: name, line: first?.line, what: first?.message ?? 'It is not valid.' })
  }
  const { outcome, memories } = await runOver(parts, store, compiled.script, subject)
  if (outcome.error) {
    // What the language says of a fault at run time may quote the message, so it stays here.
    const { line, script = name } = outcome.error
    return keep(parts, store, subject, { script, line, what: 'It ended with an error while it ran.' })
  }
  await apply(parts, store, subject, { outcome, memories, script: name, forward })
}

const KEEP: SieveOutcome = { actions: [], implicitKeep: true }

/** A script that fails keeps the mail in INBOX and tells its owner (RFC 5228 2.10.6). */
async function keep(parts: FilterParts, store: MailStore, subject: Subject, fault: ScriptFault): Promise<void> {
  if (!(await store.fileWaiting(subject.waiting, [{ path: 'INBOX', flags: [] }]))) return
  await afterwards(parts, store, () => tellOwner(parts, store, subject.owner.address, fault))
}

async function readRaw(store: MailStore, waiting: Waiting): Promise<Buffer | undefined> {
  for await (const { raw } of store.bodies(waiting.folderId, [waiting.uid])) return raw
  return undefined
}
