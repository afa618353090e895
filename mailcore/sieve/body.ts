import { decodeText } from '#mailcore/proto/charset'
import { decodeBody } from '#mailcore/proto/mime/decode'
import { paramOf } from '#mailcore/proto/mime/params'
import { leavesOf, type Part } from '#mailcore/proto/mime/parse'
import { textOfPart } from '#mailcore/proto/mime/text'
import { SIEVE_LIMITS } from './limits'
import type { MessageView } from './message'

/** How many characters and parts one test may still look at. */
interface Room {
  characters: number
  parts: number
}

const freshRoom = (): Room => ({ characters: SIEVE_LIMITS.bodyCharacters, parts: SIEVE_LIMITS.bodyParts })

/** The body as it came, undecoded, header left out (RFC 5173 5.1), up to `SIEVE_LIMITS.bodyCharacters` octets. */
export function rawBody(message: MessageView): string {
  const { raw, bodyStart } = message
  return decodeText(raw.subarray(bodyStart, bodyStart + SIEVE_LIMITS.bodyCharacters), undefined)
}

/** The words of every text part, markup removed (RFC 5173 5.3). */
export function* bodyTexts(message: MessageView): Generator<string> {
  message.texts ??= { found: [], rest: readTexts(message) }
  const { found, rest } = message.texts
  for (let i = 0; ; i++) {
    // Read once and kept: scripts look for one word after another.
    const known = found[i]
    const next = known === undefined ? rest.next() : undefined
    if (next?.done) return
    if (next) found.push(next.value)
    yield known ?? next?.value ?? ''
  }
}

function* readTexts(message: MessageView): Generator<string> {
  const { raw } = message
  const room = freshRoom()
  for (const part of leavesOf(message.tree())) {
    if (part.type !== 'text') continue
    if (!take(room)) return
    // Encoded, a character takes at most about twelve octets; the slice is what counts.
    yield used(room, textOfPart(raw, part, room.characters * 2))
  }
}

/** Decoded content of the parts of the types wanted (RFC 5173 5.2): `text`, `text/plain`, or '' for all. */
export function* bodyContents(message: MessageView, types: readonly string[]): Generator<string> {
  const { raw } = message
  const room = freshRoom()
  const wanted = types.map((type) => type.toLowerCase())
  for (const part of everyPart(message.tree())) {
    if (!wanted.some((type) => fits(part, type))) continue
    for (const text of contentsOf(raw, part, room)) {
      if (!take(room)) return
      yield used(room, text)
    }
  }
}

const take = (room: Room): boolean => room.characters > 0 && room.parts-- > 0

function used(room: Room, text: string): string {
  const cut = text.slice(0, room.characters)
  room.characters -= cut.length
  return cut
}

function fits(part: Part, type: string): boolean {
  if (type === '') return true
  // RFC 5173 5.2: what begins or ends with a slash, or holds two, matches nothing.
  return type.includes('/') ? type === `${part.type}/${part.subtype}` : type === part.type
}

/** A part, then all inside it, in order; depth is bounded by the parser. */
function* everyPart(part: Part): Generator<Part> {
  yield part
  for (const child of part.children) yield* everyPart(child)
  if (part.message) yield* everyPart(part.message)
}

/** What of a part is its own: of a multipart prologue and epilogue, of an enclosed message its header. */
function contentsOf(raw: Buffer, part: Part, room: Room): string[] {
  if (part.message) return [slice(raw, part.message.start, part.message.bodyStart, room)]
  const first = part.children[0]
  const last = part.children.at(-1)
  if (first && last) return [slice(raw, part.bodyStart, first.start, room), slice(raw, last.end, part.end, room)]
  const encoded = raw.subarray(part.bodyStart, Math.min(part.end, part.bodyStart + room.characters * 2))
  return [decodeText(decodeBody(encoded, part.encoding), paramOf(part.contentType, 'charset'))]
}

const slice = (raw: Buffer, start: number, end: number, room: Room): string =>
  decodeText(raw.subarray(start, Math.min(end, start + room.characters)), undefined)
