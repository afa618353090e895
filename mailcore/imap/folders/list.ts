import { setImmediate as breathe } from 'node:timers/promises'
import { type Answer, type Command, ok } from '../command'
import { OTHERS } from '../mailboxes'
import type { Session } from '../session'
import { formatMailbox } from '../wire/format'
import { rightsText } from './acl-rights'
import { allEntries, attributesOf, type Entry, levelsAbove, specialUseOf } from './entries'
import { type ListArguments, readListArguments } from './list-arguments'
import { metadataLine, readAnnotationsOf } from './metadata-values'
import { compilePattern, type Matcher } from './pattern'
import { statusLine, wakeCondstore } from './status'

/** RFC 9051 6.3.9 with RFC 5258, RFC 5819, RFC 6154, RFC 8440 and RFC 9590. */
export const list: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    const asked = readListArguments(cursor)
    return (session) => tellList(session, asked)
  },
}

async function tellList(session: Session, asked: ListArguments): Promise<Answer> {
  if (!asked.extended && asked.patterns[0] === '') {
    session.untagged(`LIST (\\Noselect) "/" ${formatMailbox(rootOf(asked.reference), session.wide)}`)
    return ok('Listed')
  }
  wakeCondstore(session, asked.tell.status)
  const entries = await allEntries(session)
  const matched = await matching(entries.values(), matcherOf(asked.reference, asked.patterns))
  const chosen = choose(entries, matched, asked)
  for (const { entry, childInfo } of inOrder(chosen)) {
    tellEntry(session, entry, asked, childInfo)
    await tellMore(session, entry, asked)
    if (session.out.full) await session.out.flush()
  }
  return ok('Listed')
}

/** The root of the namespace a reference is in (RFC 9051 6.3.9: an empty pattern asks for it and the delimiter). */
export const rootOf = (reference: string): string => (reference.startsWith(OTHERS) ? OTHERS : '')

/** A name matches one of the patterns, each after the reference; exact names, of which there may be many, cost nothing. */
export function matcherOf(reference: string, patterns: readonly string[]): Matcher {
  const full = patterns.map((pattern) => interpreted(reference + pattern))
  const exact = new Set(full.filter((pattern) => !/[*%]/.test(pattern)))
  const wild = full.filter((pattern) => /[*%]/.test(pattern)).map(compilePattern)
  return (name) => exact.has(name) || wild.some((matches) => matches(name))
}

const interpreted = (pattern: string): string => pattern.normalize('NFC').replace(/^inbox(?=\/|$)/i, 'INBOX')

/** Those that match. Ten thousand names under a thousand patterns must not hold up the other sessions of the process. */
export async function matching(entries: Iterable<Entry>, matches: Matcher): Promise<Set<Entry>> {
  const matched = new Set<Entry>()
  let since = performance.now()
  for (const entry of entries) {
    if (matches(entry.name)) matched.add(entry)
    if (performance.now() - since < 10) continue
    await breathe()
    since = performance.now()
  }
  return matched
}

interface Chosen {
  entry: Entry
  /** It has something below it that was asked for (RFC 5258 section 3.5). */
  childInfo: boolean
}

function choose(entries: Map<string, Entry>, matched: ReadonlySet<Entry>, { select }: ListArguments): Chosen[] {
  const wanted = (entry: Entry): boolean =>
    (!select.subscribed || entry.ref?.folder.subscribed === true) &&
    (!select.specialUse || specialUseOf(entry) !== undefined)
  if (!select.subscribed && !select.specialUse) return [...matched].map((entry) => ({ entry, childInfo: false }))
  // For each level above something asked for: is any of it not told by itself?
  const below = new Map<string, boolean>()
  if (select.recursive) {
    for (const entry of entries.values()) {
      if (!wanted(entry)) continue
      const untold = !matched.has(entry)
      for (const level of levelsAbove(entry.name)) below.set(level, untold || below.get(level) === true)
    }
  }
  return [...matched].flatMap((entry) => {
    const untold = below.get(entry.name)
    if (wanted(entry)) return { entry, childInfo: untold !== undefined }
    return untold === true ? { entry, childInfo: true } : []
  })
}

const orderOf = ({ entry }: Chosen): string => (entry.name === 'INBOX' ? '' : entry.name)
const inOrder = (chosen: Chosen[]): Chosen[] => chosen.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))

function tellEntry(session: Session, entry: Entry, { extended, select, tell }: ListArguments, childInfo: boolean) {
  const attributes = attributesOf(entry, extended || session.rev2)
  if (tell.subscribed && entry.ref?.folder.subscribed) attributes.push('\\Subscribed')
  const use = specialUseOf(entry)
  if (use && (tell.specialUse || !extended)) attributes.push(use)
  const criteria = [select.subscribed ? '"SUBSCRIBED"' : '', select.specialUse ? '"SPECIAL-USE"' : '']
  const more = childInfo ? ` ("CHILDINFO" (${criteria.filter((word) => word !== '').join(' ')}))` : ''
  session.untagged(`LIST (${attributes.join(' ')}) "/" ${formatMailbox(entry.name, session.wide)}${more}`)
}

/** What RETURN asks for beside the name. What this account may not know is left out (RFC 5819 section 2). */
async function tellMore(session: Session, { ref }: Entry, { tell }: ListArguments): Promise<void> {
  if (!ref) return
  if (tell.status.length > 0 && ref.rights.includes('r')) {
    session.untagged(await statusLine(session, ref, tell.status))
  }
  if (tell.myRights) session.untagged(`MYRIGHTS ${formatMailbox(ref.name, session.wide)} ${rightsText(ref.rights)}`)
  if (tell.metadata.length > 0 && ref.rights.includes('r')) {
    const known = await readAnnotationsOf(session, ref)
    const values = tell.metadata.map((entry) => ({ entry, value: known.get(entry) ?? null }))
    session.untagged(metadataLine(session, ref.name, values))
  }
}
