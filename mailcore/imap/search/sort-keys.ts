import { readAddresses } from '#mailcore/proto/address-list'
import { decodeWords } from '#mailcore/proto/header'
import type { Cursor } from '../wire/cursor'
import { baseSubject } from './base-subject'
import type { Columns } from './columns'
import type { Source } from './find'
import { sortKey } from './fold'
import { eachHeader } from './headers'
import { sentAt } from './message'
import { sortInTurns } from './order'
import type { Pace } from './pace'

const WORDS = ['ARRIVAL', 'CC', 'DATE', 'FROM', 'SIZE', 'SUBJECT', 'TO', 'DISPLAYFROM', 'DISPLAYTO'] as const
export type SortWord = (typeof WORDS)[number]

/** One sort criterion (RFC 5256 section 3, RFC 5957). */
export interface SortKey {
  word: SortWord
  reverse: boolean
}

/** Criteria beyond the ninth can decide nothing: each word counts once. */
const KEYS_MOST = 32

/** `(REVERSE DATE SUBJECT)` */
export function readSortKeys(cursor: Cursor): SortKey[] {
  const keys = cursor.list((): SortKey => {
    const first = cursor.word()
    const reverse = first === 'REVERSE'
    if (reverse) cursor.space()
    const name = reverse ? cursor.word() : first
    const word = WORDS.find((one) => one === name) ?? cursor.fail('Unknown sort criterion')
    return { word, reverse }
  })
  if (keys.length === 0 || keys.length > KEYS_MOST) cursor.fail('Sort criteria are missing, or too many')
  // A second mention of a word compares what is equal already.
  return keys.filter((key, i) => keys.findIndex((one) => one.word === key.word) === i)
}

/** Values by place in `at`; compared with `<`. */
type Values = ArrayLike<number> | string[]

/** The header field a criterion is read from. */
const FIELD: Record<SortWord, string | undefined> = {
  ARRIVAL: undefined,
  SIZE: undefined,
  CC: 'cc',
  DATE: 'date',
  FROM: 'from',
  SUBJECT: 'subject',
  TO: 'to',
  DISPLAYFROM: 'from',
  DISPLAYTO: 'to',
}

/**
 * Brings places of the columns (ascending) into the wanted order. Messages that are equal stand in the order of their numbers, in REVERSE too
 * (RFC 5256 section 3). A message that is gone when its header is read sorts as one without fields.
 */
export async function sortPlaces(
  source: Source,
  columns: Columns,
  at: Uint32Array,
  keys: readonly SortKey[],
  rhythm: Pace,
): Promise<Uint32Array> {
  const values = await valuesOf(source, columns, at, keys, rhythm)
  const rules = keys.map((key, i) => ({ values: values[i] ?? [], sign: key.reverse ? -1 : 1 }))
  const compare = (a: number, b: number): number => {
    for (const { values, sign } of rules) {
      const x = values[a] ?? 0
      const y = values[b] ?? 0
      if (x < y) return -sign
      if (x > y) return sign
    }
    return a - b
  }
  const order = await sortInTurns(Uint32Array.from(at.keys()), compare, rhythm)
  return order.map((i) => at[i] ?? 0)
}

async function valuesOf(
  source: Source,
  columns: Columns,
  at: Uint32Array,
  keys: readonly SortKey[],
  rhythm: Pace,
): Promise<Values[]> {
  const texts: { word: SortWord; name: string; values: Float64Array | string[] }[] = []
  const all = keys.map(({ word }): Values => {
    const name = FIELD[word]
    if (word === 'SIZE') return Float64Array.from(at, (i) => columns.sizes[i] ?? 0)
    // "If the sent date cannot be determined, the INTERNALDATE is used" (RFC 5256 2.2).
    if (name === undefined || word === 'DATE') {
      const dates = Float64Array.from(at, (i) => columns.receivedAt[i] ?? 0)
      if (name !== undefined) texts.push({ word, name, values: dates })
      return dates
    }
    const values = new Array<string>(at.length).fill('')
    texts.push({ word, name, values })
    return values
  })
  if (texts.length === 0) return all
  const names = texts.map(({ name }) => name)
  await eachHeader(
    source,
    columns,
    at,
    names,
    (place, found) => {
      for (const [i, { word, values }] of texts.entries()) {
        const value = found[i]
        if (value === undefined) continue
        if (values instanceof Float64Array) values[place] = sentAt(value) ?? values[place] ?? 0
        else values[place] = sortKey(textFor(word, value))
      }
    },
    rhythm,
  )
  return all
}

/** Addresses behind the first few kilobytes are not the first. */
const ADDRESS_BYTES = 4_096

function textFor(word: SortWord, value: string): string {
  if (word === 'SUBJECT') return baseSubject(value).text
  const first = readAddresses(value.slice(0, ADDRESS_BYTES))[0]
  if (!first || first.kind === 'end') return ''
  // A group's name stands where ENVELOPE has the mailbox of its first entry.
  if (first.kind === 'group') return decodeWords(first.name)
  // RFC 5256: the mailbox alone; RFC 5957: the display name, else the address.
  if (word !== 'DISPLAYFROM' && word !== 'DISPLAYTO') return first.local
  return first.name === '' ? `${first.local}@${first.domain}` : decodeWords(first.name)
}
