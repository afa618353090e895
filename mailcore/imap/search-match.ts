import type { FetchedMessage } from '#mailcore/ports'
import { decodeWords, type Header, readFields, readHeader, unfold } from '#mailcore/proto/header'
import { KEPT_FIELDS } from '#mailcore/proto/mime/describe'
import { textOf } from '#mailcore/proto/mime/text'
import type { SearchNode } from './types'

/** A message under test; what is missing makes a term undecided instead of false. */
export interface Candidate extends FetchedMessage {
  header?: Header
  /** Folded text of header and body, made when first asked for */
  headerText?: string
  bodyText?: string
}

/** Case and composition do not matter to a search: "É" finds "é". */
const fold = (text: string): string => text.normalize('NFC').toLowerCase()

/** A search string as imap-core gives it: one character per byte, UTF-8 inside. */
export function needleOf(value: unknown): string {
  const text = Buffer.isBuffer(value) ? value.toString('latin1') : String(value ?? '')
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return fold(text)
  return fold(Buffer.from(text, 'latin1').toString())
}

/** Do all terms match? `undefined`: more of the message must be read to know. */
export function matchesAll(nodes: readonly unknown[], message: Candidate): boolean | undefined {
  let undecided = false
  for (const node of nodes) {
    const match = matches(node, message)
    if (match === false) return false
    if (match === undefined) undecided = true
  }
  return undecided ? undefined : true
}

function matchesEither(branches: readonly unknown[], message: Candidate): boolean | undefined {
  let undecided = false
  for (const branch of branches) {
    const match = matches(branch, message)
    if (match === true) return true
    if (match === undefined) undecided = true
  }
  return undecided ? undefined : false
}

const isNode = (value: unknown): value is SearchNode => typeof value === 'object' && value !== null && 'key' in value
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

function matches(node: unknown, message: Candidate): boolean | undefined {
  if (Array.isArray(node)) return matchesAll(node, message)
  // A missing operand, as of `OR SEEN`, matches nothing.
  if (!isNode(node)) return false
  switch (node.key) {
    case 'all':
    case 'charset':
      return true
    case 'flag':
      return hasFlag(message, String(node.value)) === (node.exists ?? true)
    case 'uid':
      return node.value instanceof Set ? node.value.has(message.uid) : listOf(node.value).includes(message.uid)
    case 'size':
      return node.operator === '<' ? message.size < Number(node.value) : message.size > Number(node.value)
    case 'modseq':
      return message.modseq >= BigInt(Math.trunc(Number(node.value)))
    case 'internaldate':
      return compareDay(message.receivedAt.toISOString().slice(0, 10), node)
    case 'date':
      return matchesSent(node, message)
    case 'header':
      return matchesHeader(node, message)
    case 'body':
      return bodyTextOf(message)?.includes(needleOf(node.value))
    case 'text':
      return matchesText(needleOf(node.value), message)
    case 'not': {
      const match = matchesAll(listOf(node.value), message)
      return match === undefined ? undefined : !match
    }
    case 'or':
      return matchesEither(listOf(node.value), message)
    default:
      return false
  }
}

const hasFlag = (message: Candidate, flag: string): boolean => {
  const folded = flag.toLowerCase()
  return message.flags.some((have) => have.toLowerCase() === folded)
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const isoDay = (day: string | undefined, month: string | undefined, year: string | undefined): string | undefined => {
  const index = MONTHS.indexOf((month ?? '').toLowerCase())
  return day && year && index >= 0 ? `${year}-${String(index + 1).padStart(2, '0')}-${day.padStart(2, '0')}` : undefined
}

function compareDay(day: string, node: SearchNode): boolean {
  const [d, m, y] = String(node.value).split('-')
  const asked = isoDay(d, m, y)
  if (!asked) return false
  switch (node.operator) {
    case '<':
      return day < asked
    case '>=':
      return day >= asked
    default:
      return day === asked
  }
}

/** SENTON and kin compare the day as it is written, "disregarding time and timezone" (RFC 3501 6.4.4). */
function matchesSent(node: SearchNode, message: Candidate): boolean | undefined {
  const header = headerFor('date', message)
  if (!header) return undefined
  const field = header.fields.find(({ name }) => name === 'date')
  const written =
    field && /([0-9]{1,2})\s+([A-Za-z]{3})[A-Za-z]*\s+([0-9]{4})/.exec(header.text.slice(field.valueStart, field.end))
  const day = written && isoDay(written[1], written[2], written[3])
  return day ? compareDay(day, node) : false
}

/** A header in which `name` can be looked up: the stored one when it keeps that field whole, else the message's. */
function headerFor(name: string, message: Candidate): Header | undefined {
  const kept = message.meta?.header
  if (kept !== undefined && KEPT_FIELDS.has(name) && (kept === '\r\n' || kept.endsWith('\n\r\n'))) {
    return { text: kept, fields: readFields(kept.slice(0, -2)), bodyStart: kept.length }
  }
  if (!message.raw) return undefined
  message.header ??= readHeader(message.raw)
  return message.header
}

function matchesHeader(node: SearchNode, message: Candidate): boolean | undefined {
  const name = (node.header ?? '').toLowerCase()
  const header = headerFor(name, message)
  if (!header) return undefined
  const needle = needleOf(node.value)
  return header.fields.some(
    (field) =>
      field.name === name && fold(decodeWords(unfold(header.text.slice(field.valueStart, field.end)))).includes(needle),
  )
}

function matchesText(needle: string, message: Candidate): boolean | undefined {
  if (!message.raw) return undefined
  message.header ??= readHeader(message.raw)
  message.headerText ??= fold(decodeWords(message.header.text.replace(/\r?\n(?=[ \t])/g, '')))
  return message.headerText.includes(needle) || bodyTextOf(message)?.includes(needle)
}

function bodyTextOf(message: Candidate): string | undefined {
  if (!message.raw) return undefined
  if (message.bodyText === undefined) {
    const { text, attachmentNames } = textOf(message.raw)
    message.bodyText = fold([text, ...attachmentNames].join('\n'))
  }
  return message.bodyText
}
