import { decodeWords } from '#mailcore/proto/header'

/** What a subject is about (RFC 5256 2.1). */
export interface BaseSubject {
  text: string
  /** It was taken from a reply or a forward. */
  reply: boolean
}

const UNEVEN = /[\t\r\n]| {2}/
const SPACE = 32
const OPEN = 91
const CLOSE = 93

/** The base subject of a Subject field's value, one character per byte. Linear in its length: pointers move, nothing is cut until the end. */
export function baseSubject(value: string): BaseSubject {
  // Step 1: decoded, with single spaces.
  const decoded = decodeWords(value)
  const text = UNEVEN.test(decoded) ? decoded.replace(/[\t\r\n ]+/g, ' ') : decoded
  let start = 0
  let end = text.length
  let reply = false
  for (;;) {
    // Step 2: trailers.
    for (;;) {
      if (end > start && text.charCodeAt(end - 1) === SPACE) end--
      else if (end - 5 >= start && same(text, end - 5, '(fwd)')) {
        end -= 5
        reply = true
      } else break
    }
    // Steps 3 to 5: leaders, and blobs that do not stand alone.
    const led = skipLeaders(text, start, end)
    start = led.start
    reply ||= led.reply
    // Step 6: "[fwd: ... ]" around all of it; then from step 2 again.
    if (text.charCodeAt(end - 1) !== CLOSE || !same(text, start, '[fwd:') || end - start < 6) break
    start += 5
    end--
    reply = true
  }
  return { text: text.slice(start, end), reply }
}

function skipLeaders(text: string, from: number, end: number): { start: number; reply: boolean } {
  let start = from
  let reply = false
  for (;;) {
    while (start < end && text.charCodeAt(start) === SPACE) start++
    let rest = start
    let lastBlob = start
    for (let next = afterBlob(text, rest, end); next > rest; next = afterBlob(text, rest, end)) {
      lastBlob = rest
      rest = next
    }
    const next = afterReply(text, rest, end)
    if (next > rest) {
      start = next
      reply = true
      continue
    }
    // Blobs before which no "re:" stands go one by one as long as something is left: all of them, or all but the last.
    return { start: rest < end ? rest : lastBlob, reply }
  }
}

/** subj-blob: "[" anything but brackets "]" and spaces; the place behind it, or `at`. */
function afterBlob(text: string, at: number, end: number): number {
  if (text.charCodeAt(at) !== OPEN) return at
  for (let i = at + 1; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c === OPEN) return at
    if (c !== CLOSE) continue
    i++
    while (i < end && text.charCodeAt(i) === SPACE) i++
    return i
  }
  return at
}

/** subj-refwd: "re", "fw" or "fwd", perhaps a blob, ":"; the place behind it, or `at`. */
function afterReply(text: string, at: number, end: number): number {
  let i = same(text, at, 're') ? at + 2 : same(text, at, 'fwd') ? at + 3 : same(text, at, 'fw') ? at + 2 : end
  while (i < end && text.charCodeAt(i) === SPACE) i++
  i = i < end ? afterBlob(text, i, end) : i
  return i < end && text.charCodeAt(i) === 58 ? i + 1 : at
}

/** Does `word` (small letters) stand there, in any case? */
const same = (text: string, at: number, word: string): boolean => {
  for (let i = 0; i < word.length; i++) {
    const c = text.charCodeAt(at + i)
    const small = c >= 65 && c <= 90 ? c + 32 : c
    if (small !== word.charCodeAt(i)) return false
  }
  return true
}
