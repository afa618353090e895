import type { MetaColumn } from '#mailcore/ports'
import type { Cursor } from '../wire/cursor'
import { FieldFinder, isKept } from './kept-header'
import { readSection, type Section, type Window } from './section'

/** One thing asked of each message, with the words that stand before it in the answer. */
export type Item =
  | { kind: 'flags' | 'uid' | 'size' | 'internaldate' | 'savedate' | 'modseq' | 'threadid' | 'emailid' }
  /** Bytes of the metadata as they are */
  | { kind: 'column'; column: 'envelope' | 'bodystructure'; label: string }
  | { kind: 'body-short' }
  | { kind: 'preview' }
  | { kind: 'section'; label: string; section: Section; window?: Window; finder?: FieldFinder }
  | { kind: 'binary'; label: string; path: readonly number[]; window?: Window }
  | { kind: 'binary-size'; label: string; path: readonly number[] }

/** What a FETCH asks for, read once. */
export interface Wanted {
  items: readonly Item[]
  /** BODY[...] and its like without PEEK: reading is seeing (RFC 9051 6.4.5). */
  sees: boolean
}

/** Items of one FETCH. A client names each part of a message once; more is a client that wants to see us sweat. */
const ITEMS_MOST = 1_000

const BRACKETED: ReadonlySet<string> = new Set(['BODY', 'BODY.PEEK', 'BINARY', 'BINARY.PEEK', 'BINARY.SIZE'])
const part = (extent: Section['extent']): Section => ({ path: [], extent, names: [], label: '' })

const PLAIN: ReadonlyMap<string, Item> = new Map<string, Item>([
  ['FLAGS', { kind: 'flags' }],
  ['UID', { kind: 'uid' }],
  ['RFC822.SIZE', { kind: 'size' }],
  ['INTERNALDATE', { kind: 'internaldate' }],
  ['SAVEDATE', { kind: 'savedate' }],
  ['MODSEQ', { kind: 'modseq' }],
  ['THREADID', { kind: 'threadid' }],
  ['EMAILID', { kind: 'emailid' }],
  ['ENVELOPE', { kind: 'column', column: 'envelope', label: 'ENVELOPE ' }],
  ['BODYSTRUCTURE', { kind: 'column', column: 'bodystructure', label: 'BODYSTRUCTURE ' }],
  ['BODY', { kind: 'body-short' }],
  ['PREVIEW', { kind: 'preview' }],
  // RFC 3501 6.4.5: other names of BODY[], BODY.PEEK[HEADER] and BODY[TEXT].
  ['RFC822', { kind: 'section', label: 'RFC822 ', section: part('content') }],
  ['RFC822.HEADER', { kind: 'section', label: 'RFC822.HEADER ', section: part('header') }],
  ['RFC822.TEXT', { kind: 'section', label: 'RFC822.TEXT ', section: part('text') }],
])
const MACROS: ReadonlyMap<string, readonly string[]> = new Map([
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
])

/** Reads `ALL`, one item, or a list of them (RFC 9051 6.4.5). */
export function readItems(cursor: Cursor): Wanted {
  const reader = new ItemReader(cursor)
  if (cursor.next === '(') {
    cursor.list(() => reader.item())
    if (reader.items.length === 0) cursor.fail('Something to fetch was expected')
  } else reader.itemOrMacro()
  return { items: reader.items, sees: reader.sees }
}

class ItemReader {
  readonly items: Item[] = []
  sees = false
  readonly #cursor: Cursor
  readonly #known = new Set<string>()

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  itemOrMacro(): void {
    const name = this.#name()
    const macro = MACROS.get(name)
    if (macro) for (const one of macro) this.#named(one)
    else this.#named(name)
  }

  item(): void {
    this.#named(this.#name())
  }

  #name(): string {
    return this.#cursor.until(' ()[]<').toUpperCase()
  }

  #add(key: string, item: Item): void {
    if (this.#known.has(key)) return
    this.#known.add(key)
    if (this.items.push(item) > ITEMS_MOST) this.#cursor.fail('Too many items')
  }

  #named(name: string): void {
    const cursor = this.#cursor
    if (cursor.next === '[') {
      this.#bracketed(name)
      return
    }
    const item = PLAIN.get(name) ?? cursor.fail('There is no such item to fetch')
    if (name === 'PREVIEW') this.#previewModifiers()
    if (name === 'RFC822' || name === 'RFC822.TEXT') this.sees = true
    this.#add(name, item)
  }

  /** PREVIEW (LAZY): ours are made at delivery, so that both forms are one (RFC 8970 4). */
  #previewModifiers(): void {
    const cursor = this.#cursor
    if (!cursor.sees(' (LAZY)')) return
    cursor.space()
    cursor.list(() => cursor.word())
  }

  #bracketed(name: string): void {
    const cursor = this.#cursor
    if (!BRACKETED.has(name)) cursor.fail('There is no such item to fetch')
    cursor.expect('[')
    const section = readSection(cursor)
    cursor.expect(']')
    if (name === 'BINARY.SIZE') this.#binarySize(section)
    else {
      if (!name.endsWith('.PEEK')) this.sees = true
      this.#content(name.startsWith('BODY') ? 'BODY' : 'BINARY', section)
    }
  }

  #content(name: 'BODY' | 'BINARY', section: Section): void {
    const window = this.#window()
    const label = `${name}[${section.label}]${window ? `<${window.start}>` : ''} `
    const key = `${label}${window?.count}`
    const common = { label, ...(window && { window }) }
    if (name === 'BINARY') this.#add(key, { kind: 'binary', ...common, path: this.#partOnly(section) })
    else {
      const finder = isKept(section) && !window ? { finder: new FieldFinder(section.names) } : {}
      this.#add(key, { kind: 'section', ...common, section, ...finder })
    }
  }

  #binarySize(section: Section): void {
    const label = `BINARY.SIZE[${section.label}] `
    this.#add(label, { kind: 'binary-size', label, path: this.#partOnly(section) })
  }

  /** section-binary: part numbers and nothing else. */
  #partOnly({ path, extent }: Section): readonly number[] {
    return extent === 'content' ? path : this.#cursor.fail('BINARY takes part numbers only')
  }

  /** `<start.count>` */
  #window(): Window | undefined {
    const cursor = this.#cursor
    if (!cursor.maybe('<')) return undefined
    const start = cursor.number64()
    cursor.expect('.')
    const count = cursor.number64()
    if (count === 0) cursor.fail('A partial has at least one octet')
    cursor.expect('>')
    return { start, count }
  }
}

/** Which of the three ways to the messages a FETCH takes: what the view holds, metadata, whole bodies. */
export interface Plan extends Wanted {
  columns: readonly MetaColumn[]
  needsBody: boolean
  needsEmailIds: boolean
  hasFlags: boolean
  hasModseq: boolean
}

/** Chooses the cheapest way to all that is wanted. */
export function planOf({ items, sees }: Wanted): Plan {
  const needsBody = items.some(
    (item) => item.kind === 'binary' || item.kind === 'binary-size' || (item.kind === 'section' && !item.finder),
  )
  const columns = new Set<MetaColumn>()
  for (const item of items) {
    if (item.kind === 'column') columns.add(item.column)
    else if (item.kind === 'body-short') columns.add('bodystructure')
    else if (item.kind === 'preview') columns.add('preview')
    // With the body at hand, its fields come from there.
    else if (item.kind === 'section' && !needsBody) columns.add('header')
  }
  const has = (kind: Item['kind']) => items.some((item) => item.kind === kind)
  return {
    items,
    sees,
    columns: [...columns],
    needsBody,
    needsEmailIds: has('emailid'),
    hasFlags: has('flags'),
    hasModseq: has('modseq'),
  }
}
