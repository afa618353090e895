import { IMAP_LIMITS } from '../limits'
import type { Cursor } from '../wire/cursor'
import { fold } from './fold'
import { type DayTest, depthOf, join, type Key, type Leaf, negate } from './keys'

/** What a client searches for. */
export interface Program {
  key: Key
  /** The charset it named, in capitals; undefined where it named none. */
  charset: string | undefined
  /** A message set by sequence number stands in it. */
  bySequence: boolean
  /** MODSEQ stands in it: the answer tells the highest (RFC 7162 3.1.5). */
  modseq: boolean
}

/** The charsets of search strings. */
export const CHARSETS = ['UTF-8', 'US-ASCII']

interface Reading {
  charset: string | undefined
  bySequence: boolean
  modseq: boolean
  keys: number
}

/** `CHARSET x` of SEARCH, if it comes next, with the space behind it. */
export function readCharset(cursor: Cursor): string | undefined {
  if (!cursor.maybeWord('CHARSET')) return undefined
  cursor.space()
  const charset = cursor.astring().toUpperCase()
  cursor.space()
  return charset
}

/** Keys that wait for what stands in them. */
type Frame = { kind: 'list' | 'or'; keys: Key[] } | { kind: 'not' }

/**
 * Reads search keys to the end of the command (RFC 9051 section 9, search-key). Its own stack instead of recursion: `NOT` twenty thousand times
 * and `OR` within `OR` are no reason to refuse a client (M-05). BAD beyond IMAP_LIMITS.searchKeys keys and nesting levels.
 */
export function readProgram(cursor: Cursor, charset: string | undefined): Program {
  const reading: Reading = { charset, bySequence: false, modseq: false, keys: 0 }
  const top: Key[] = []
  const frames: Frame[] = []
  let lists = 0
  for (;;) {
    if (cursor.maybe('(')) {
      if (++lists > IMAP_LIMITS.nesting) cursor.fail('Too many parentheses')
      frames.push({ kind: 'list', keys: [] })
      continue
    }
    if (cursor.maybeWord('NOT')) {
      cursor.space()
      if (frames.at(-1)?.kind === 'not') frames.pop()
      else frames.push({ kind: 'not' })
      continue
    }
    if (++reading.keys > IMAP_LIMITS.searchKeys) cursor.fail('Too many search keys')
    if (cursor.maybeWord('OR')) {
      cursor.space()
      frames.push({ kind: 'or', keys: [] })
      continue
    }
    let key: Key | undefined = readLeaf(cursor, reading)
    while (key) {
      const frame = frames.at(-1)
      if (frame === undefined) {
        top.push(key)
        break
      }
      if (frame.kind === 'not') {
        frames.pop()
        key = negate(key)
        continue
      }
      frame.keys.push(key)
      if (frame.kind === 'or') {
        if (frame.keys.length < 2) break
      } else {
        if (cursor.next === ' ') break
        cursor.expect(')')
        lists--
      }
      frames.pop()
      key = join(frame.kind === 'or' ? 'or' : 'and', frame.keys)
      if (depthOf(key) > IMAP_LIMITS.nesting) cursor.fail('Too deep')
    }
    if (frames.length > 0) cursor.space()
    else if (!cursor.more()) return { ...reading, key: join('and', top) }
  }
}

/** A flag is set, or not. */
const FLAGS = new Map<string, string>([
  ['ANSWERED', '\\Answered'],
  ['DELETED', '\\Deleted'],
  ['DRAFT', '\\Draft'],
  ['FLAGGED', '\\Flagged'],
  ['SEEN', '\\Seen'],
])

const DAYS = new Map<string, readonly ['receivedAt' | 'savedAt' | 'sent', DayTest]>([
  ['BEFORE', ['receivedAt', 'before']],
  ['ON', ['receivedAt', 'on']],
  ['SINCE', ['receivedAt', 'since']],
  ['SENTBEFORE', ['sent', 'before']],
  ['SENTON', ['sent', 'on']],
  ['SENTSINCE', ['sent', 'since']],
  ['SAVEDBEFORE', ['savedAt', 'before']],
  ['SAVEDON', ['savedAt', 'on']],
  ['SAVEDSINCE', ['savedAt', 'since']],
])

const FIELDS = new Set(['BCC', 'CC', 'FROM', 'SUBJECT', 'TO'])

function readLeaf(cursor: Cursor, reading: Reading): Key {
  if (cursor.atSet) {
    const set = cursor.sequenceSet()
    if (!set.saved) reading.bySequence = true
    return { kind: 'set', set, byUid: false }
  }
  const word = cursor.word()
  const flag = FLAGS.get(word)
  if (flag) return { kind: 'flag', name: flag }
  const unset = word.startsWith('UN') ? FLAGS.get(word.slice(2)) : undefined
  if (unset) return { kind: 'not', key: { kind: 'flag', name: unset } }
  const day = DAYS.get(word)
  if (day) {
    cursor.space()
    const [column, is] = day
    const at = cursor.date()
    return column === 'sent' ? { kind: 'sent', is, day: at } : { kind: 'day', column, is, day: at }
  }
  if (FIELDS.has(word)) return { kind: 'header', name: word.toLowerCase(), needle: readHeaderNeedle(cursor, reading) }
  return readOther(cursor, reading, word)
}

function readOther(cursor: Cursor, reading: Reading, word: string): Key {
  switch (word) {
    case 'ALL':
    // No message is \Recent here (RFC 9051 did away with it): all are old, none is new.
    case 'OLD':
    case 'SAVEDATESUPPORTED':
      return { kind: 'all' }
    case 'NEW':
    case 'RECENT':
      return { kind: 'not', key: { kind: 'all' } }
    case 'KEYWORD':
      return readKeyword(cursor)
    case 'UNKEYWORD':
      return negate(readKeyword(cursor))
    case 'BODY':
      return { kind: 'body', needle: readNeedle(cursor, reading) }
    case 'TEXT':
      return { kind: 'text', needle: readNeedle(cursor, reading) }
    case 'HEADER': {
      cursor.space()
      const name = cursor.astring().toLowerCase()
      return { kind: 'header', name, needle: readHeaderNeedle(cursor, reading) }
    }
    case 'LARGER':
    case 'SMALLER':
      cursor.space()
      return { kind: 'size', is: word === 'LARGER' ? 'larger' : 'smaller', bytes: cursor.number64() }
    case 'YOUNGER':
    case 'OLDER': {
      cursor.space()
      const seconds = cursor.number()
      if (seconds === 0) cursor.fail('The interval is at least one second')
      return { kind: 'within', is: word === 'YOUNGER' ? 'younger' : 'older', seconds }
    }
    case 'UID':
      cursor.space()
      return { kind: 'set', set: cursor.sequenceSet(), byUid: true }
    case 'MODSEQ':
      reading.modseq = true
      return readModseq(cursor)
    case 'EMAILID':
      return { kind: 'email-id', id: readObjectId(cursor) }
    case 'THREADID':
      // Threads are put together when asked for and have no ids of their own (RFC 8474 5.2 makes them optional).
      readObjectId(cursor)
      return { kind: 'not', key: { kind: 'all' } }
    default:
      return cursor.fail('Unknown search key')
  }
}

function readKeyword(cursor: Cursor): Leaf {
  cursor.space()
  return { kind: 'flag', name: cursor.atom() }
}

/** RFC 8474 section 7: objectid. */
function readObjectId(cursor: Cursor): string {
  cursor.space()
  const id = cursor.astring()
  return /^[A-Za-z0-9_-]{1,255}$/.test(id) ? id : cursor.fail('That is no object id')
}

/** RFC 7162 3.1.5: an entry and its type may stand before the number; we keep one mod-sequence a message, which serves any. */
function readModseq(cursor: Cursor): Leaf {
  cursor.space()
  if (cursor.next === '"') {
    if (!/^\/flags\/./i.test(cursor.string())) cursor.fail('The entry is not like "/flags/\\\\Seen"')
    cursor.space()
    if (!['PRIV', 'SHARED', 'ALL'].includes(cursor.word())) cursor.fail('The entry type is priv, shared or all')
    cursor.space()
  }
  return { kind: 'modseq', least: cursor.number64() }
}

function readNeedle(cursor: Cursor, reading: Reading): string {
  return fold(readText(cursor, reading))
}

/** Tabs count as spaces, since folding of lines leaves either. */
function readHeaderNeedle(cursor: Cursor, reading: Reading): string {
  return fold(readText(cursor, reading).replaceAll('\t', ' '))
}

/** A search string. Without a charset it may still be UTF-8, as in IMAP4rev2. */
function readText(cursor: Cursor, { charset }: Reading): string {
  cursor.space()
  const bytes = cursor.astring()
  if (charset === 'US-ASCII') return /[\x80-\xff]/.test(bytes) ? cursor.fail('That is not US-ASCII') : bytes
  // One we do not know is refused once the command is read; until then its bytes mean nothing.
  return charset !== undefined && charset !== 'UTF-8' ? '' : cursor.utf8Of(bytes)
}
