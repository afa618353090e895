import type { EmailId } from '#lib/ids'
import type { FolderView, MetaItem } from '#mailcore/ports'
import { flagText } from '../flags'
import type { Session } from '../session'
import { formatDateTime } from '../wire/format'
import { binaryOf } from './binary'
import { shortStructure } from './body-structure'
import type { Item, Plan } from './items'
import type { FieldFinder } from './kept-header'
import type { Places } from './places'
import { type Opened, sectionOf, windowOf } from './section'
import type { Writer } from './writer'

/** What one FETCH knows beside the view while it answers. */
export interface Context {
  session: Session
  plan: Plan
  places: Places
  writer: Writer
  /** Messages this very command marked \Seen: their flags are told with what was asked (RFC 9051 6.4.5). */
  seen: ReadonlySet<number>
  emailIds: ReadonlyMap<number, EmailId>
}

/** What the view alone can say; undefined for the rest. One character per byte. */
function fromView(item: Item, { places, emailIds }: Context, uid: number): string | undefined {
  const { view, index } = places
  switch (item.kind) {
    case 'flags':
      return `FLAGS (${flagText(view, index)})`
    case 'uid':
      return `UID ${uid}`
    case 'size':
      return `RFC822.SIZE ${view.sizes[index]}`
    case 'internaldate':
      return `INTERNALDATE ${formatDateTime(view.receivedAt[index] ?? 0)}`
    case 'savedate':
      return `SAVEDATE ${formatDateTime(view.savedAt[index] ?? 0)}`
    case 'modseq':
      return `MODSEQ (${view.modseqs[index]})`
    case 'threadid':
      // RFC 8474 5.3: a server without threads says NIL.
      return 'THREADID NIL'
    case 'emailid':
      return `EMAILID (${emailIds.get(uid) ?? ''})`
    default:
      return undefined
  }
}

/** The end of one message's answer, with the flags it has just been given. */
function close({ session, plan, places, seen }: Context, uid: number): string {
  if (seen.size === 0 || !seen.has(uid)) return ')\r\n'
  const flags = plan.hasFlags ? '' : ` FLAGS (${flagText(places.view, places.index)})`
  const modseq = session.keepsModseq && !plan.hasModseq ? ` MODSEQ (${places.view.modseqs[places.index]})` : ''
  return `${flags}${modseq})\r\n`
}

/** Answers for a message of whom nothing but the view is asked. */
export function answerFromView(context: Context, uid: number): void {
  const { session, plan, places, writer } = context
  const { items } = plan
  let line = session.fetchPrefix(places.sequenceOf(uid), uid)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (item) line += i === 0 ? (fromView(item, context, uid) ?? '') : ` ${fromView(item, context, uid) ?? ''}`
  }
  writer.text(line + close(context, uid))
}

/** Can all that is asked of the stored header be found there? Leaves the places found in the finders. */
export function headerSuffices(plan: Plan, header: Buffer): boolean {
  for (const item of plan.items) if (item.kind === 'section' && item.finder && !item.finder.find(header)) return false
  return true
}

const EMPTY = Buffer.alloc(0)

/** Answers for a message from its metadata; `headerSuffices` was true for it just now. */
export function answerFromMeta(context: Context, meta: MetaItem): void {
  const { session, plan, places, writer } = context
  const { uid } = meta
  const { items } = plan
  let line = session.fetchPrefix(places.sequenceOf(uid), uid)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (!item) continue
    if (i > 0) line += ' '
    const known = fromView(item, context, uid)
    if (known !== undefined) line += known
    else {
      if (item.kind === 'section' && item.finder)
        writeFields(writer, line + item.label, item.finder, meta.header ?? EMPTY)
      else writeColumn(writer, line, item, meta)
      line = ''
    }
  }
  writer.text(line + close(context, uid))
}

function writeColumn(writer: Writer, before: string, item: Item, meta: MetaItem): void {
  if (item.kind === 'column') writer.bytes(before + item.label, meta[item.column] ?? EMPTY)
  else if (item.kind === 'preview') writer.words(`${before}PREVIEW `, meta.preview ?? EMPTY)
  else writer.text(`${before}BODY ${shortStructure((meta.bodystructure ?? EMPTY).toString('latin1'))}`)
}

/** The fields found in the stored header, and the empty line. */
function writeFields(writer: Writer, before: string, finder: FieldFinder, header: Buffer): void {
  const { spans, used } = finder
  let text = `${before}{${finder.bytes + 2}}\r\n`
  for (let i = 0; i < used; i += 2) {
    writer.bytes(text, header.subarray(spans[i], spans[i + 1]))
    text = ''
  }
  writer.text(`${text}\r\n`)
}

/**
 * Answers for a message with its bytes at hand. False when a part of it has an encoding nobody knows: the rest was answered (RFC 3516 4.3).
 * `rest` is called between items, each of which may be as long as the message: a thousand of them must neither wait for the client in memory
 * nor hold the process. The line must not be broken into meanwhile.
 */
export async function answerFromBody(
  context: Context,
  uid: number,
  { raw, meta }: { raw: Buffer; meta: MetaItem | undefined },
  rest: () => Promise<void> | undefined,
): Promise<boolean> {
  const { session, plan, places, writer } = context
  const message: Opened = { raw }
  const prefix = session.fetchPrefix(places.sequenceOf(uid), uid)
  let before = prefix
  let complete = true
  for (const item of plan.items) {
    if (writeItem(context, item, { uid, before, message, meta })) before = ' '
    else complete = false
    const resting = rest()
    if (resting) await resting
  }
  const end = close(context, uid)
  // Nothing at all could be answered: then there is no line.
  if (before === ' ') writer.text(end)
  else if (end.startsWith(' ')) writer.text(prefix + end.slice(1))
  return complete
}

function writeItem(
  context: Context,
  item: Item,
  at: { uid: number; before: string; message: Opened; meta: MetaItem | undefined },
): boolean {
  const { writer } = context
  const { before, message } = at
  const known = fromView(item, context, at.uid)
  if (known !== undefined) writer.text(before + known)
  else if (item.kind === 'section') {
    // A part that is not there is empty, as with Dovecot; RFC 9051 6.4.5 leaves it open, and not all clients bear NIL.
    const bytes = sectionOf(message, item.section)
    if (bytes) writer.string(before + item.label, windowOf(bytes, item.window))
    else writer.text(`${before}${item.label}""`)
  } else if (item.kind === 'binary') {
    const bytes = binaryOf(message, item.path)
    if (bytes === 'unknown') return false
    if (bytes) writer.binary(before + item.label, windowOf(bytes, item.window))
    else writer.text(`${before}${item.label}""`)
  } else if (item.kind === 'binary-size') {
    const bytes = binaryOf(message, item.path)
    if (bytes === 'unknown') return false
    writer.text(`${before}${item.label}${bytes?.length ?? 0}`)
  } else if (at.meta) writeColumn(writer, before, item, at.meta)
  return true
}

/** The uids among `uids` whose message the view shows as not yet seen. */
export function unseen(uids: Uint32Array, places: Places): number[] {
  const found: number[] = []
  for (const uid of uids) if (places.find(uid) && !isSeen(places.view, places.index)) found.push(uid)
  return found
}

const isSeen = (view: FolderView, index: number): boolean => ((view.flags[index] ?? 0) & 1) !== 0
