import { decodeText } from '../charset'
import { decodeWords } from '../header'
import { decodeBody } from './decode'
import { htmlToText } from './html'
import { paramOf, type Structured } from './params'
import { leavesOf, type Part, parseMessage } from './parse'

/** Letters of text that are searched in one message; mail of a megabyte of words is a log file. */
const SEARCHED_CHARACTERS = 1024 * 1024
const PREVIEW_CHARACTERS = 200
/** Bytes decoded to find the first words: enough for 200 letters, of HTML after its style sheets. */
const PREVIEW_TEXT_BYTES = 4 * 1024
const PREVIEW_HTML_BYTES = 64 * 1024

/**
 * The searched text of a message: every text part, decoded (RFC 2045) and freed of markup, enclosed messages included,
 * and the names of its attachments. The one function that defines what a search of bodies finds. Never throws.
 */
export function textOf(raw: Buffer): { text: string; attachmentNames: string[] } {
  const texts: string[] = []
  const attachmentNames: string[] = []
  let room = SEARCHED_CHARACTERS
  try {
    for (const part of leavesOf(parseMessage(raw))) {
      const name = attachmentName(part)
      if (name) attachmentNames.push(name)
      if (part.type !== 'text' || room <= 0) continue
      const text = textOfPart(raw, part, room * 4).slice(0, room)
      texts.push(text)
      room -= text.length
    }
  } catch {
    // Search may miss a message that defeats the parser; delivery must not.
  }
  return { text: texts.join('\n'), attachmentNames }
}

/** The text of one text part, of at most `bytes` encoded bytes. */
export function textOfPart(raw: Buffer, part: Part, bytes: number): string {
  const body = raw.subarray(part.bodyStart, Math.min(part.end, part.bodyStart + bytes))
  const text = decodeText(decodeBody(body, part.encoding), paramOf(part.contentType, 'charset'))
  return part.subtype === 'html' ? htmlToText(text) : text
}

/** First words of the first text part that is no attachment (RFC 8970), white space made single. */
export function previewOf(raw: Buffer, root: Part): string {
  for (const part of leavesOf(root)) {
    if (part.type !== 'text' || part.disposition?.value === 'attachment') continue
    const text = textOfPart(raw, part, part.subtype === 'html' ? PREVIEW_HTML_BYTES : PREVIEW_TEXT_BYTES)
    // Its beginning is enough as a rule: what comes out longer than is kept would begin alike had more gone in.
    const first = singleSpaced(text.slice(0, 2 * PREVIEW_CHARACTERS))
    const words = first.length > PREVIEW_CHARACTERS ? first : singleSpaced(text.slice(0, PREVIEW_HTML_BYTES))
    if (words !== '') return cut(words)
  }
  return ''
}

const singleSpaced = (text: string): string => text.replace(/[\s\p{Cc}\u200b-\u200f\ufeff\ufffd]+/gu, ' ').trim()

/** At most 200 characters, no half of a surrogate pair at the end. */
function cut(text: string): string {
  if (text.length <= PREVIEW_CHARACTERS) return text
  const end =
    (text.charCodeAt(PREVIEW_CHARACTERS - 1) & 0xfc00) === 0xd800 ? PREVIEW_CHARACTERS - 1 : PREVIEW_CHARACTERS
  return text.slice(0, end)
}

/** A part's file name from Content-Disposition or Content-Type as text; undefined where there is none. */
export function attachmentName(part: Part): string | undefined {
  const own = part.disposition ? joinedParam(part.disposition, 'filename') : undefined
  return own ?? joinedParam(part.contentType, 'name')
}

/** A parameter as text: RFC 2231 charset and continuations (sections 3 and 4), else RFC 2047 words, which much mail uses. */
export function joinedParam(structured: Structured, name: string): string | undefined {
  const extended = paramOf(structured, `${name}*`)
  if (extended !== undefined) return decodeExtended(extended)
  const first = paramOf(structured, `${name}*0*`) ?? paramOf(structured, `${name}*0`)
  if (first !== undefined) return decodeContinued(structured, name)
  const plain = paramOf(structured, name)
  return plain === undefined ? undefined : decodeWords(plain)
}

function decodeContinued(structured: Structured, name: string): string {
  const values = new Map(structured.params)
  let bytes = ''
  let charset: string | undefined
  for (let n = 0; n < values.size; n++) {
    const encoded = values.get(`${name}*${n}*`)
    const piece = encoded ?? values.get(`${name}*${n}`)
    if (piece === undefined) break // a hole ends it (P-06)
    if (n === 0 && encoded !== undefined) {
      const quote = /^([^']{0,40})'[^']{0,40}'/.exec(encoded)
      charset = quote?.[1]
      bytes += percentBytes(encoded.slice(quote?.[0].length ?? 0))
    } else {
      bytes += encoded === undefined ? piece : percentBytes(piece)
    }
  }
  return decodeText(Buffer.from(bytes, 'latin1'), charset)
}

function decodeExtended(value: string): string {
  const quote = /^([^']{0,40})'[^']{0,40}'/.exec(value)
  return decodeText(Buffer.from(percentBytes(value.slice(quote?.[0].length ?? 0)), 'latin1'), quote?.[1])
}

const percentBytes = (text: string): string =>
  text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
