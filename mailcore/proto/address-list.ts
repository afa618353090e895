import { trimBytes } from './header'

/** A mailbox as it stands in a header field; encoded words in `name` are left as they are (see header.decodeWords). */
export interface HeaderAddress {
  /** Display name, or the comment after an old-style address; '' when there is none */
  name: string
  /** Quoting removed */
  local: string
  /** '' when the address has no domain */
  domain: string
}

/** What an address field holds, in order: RFC 5322 3.4 mailboxes, and the marks around a group. */
export type AddressItem =
  /** `doubtful`: another reader may well find another mailbox here, as in `a@x.test <b@x.test>` or `<a@x.test> <b@x.test>` */
  | (HeaderAddress & { kind: 'mailbox'; route: string; doubtful?: true })
  | { kind: 'group'; name: string }
  | { kind: 'end' }

/** Addresses read from one field. A field of 50,000 would make an ENVELOPE of megabytes (P-05, CVE-2024-23184). */
const ADDRESSES_MOST = 2_000
/** Bytes read of one address field, for the same reason. */
export const FIELD_BYTES = 256 * 1024

/** The mailboxes of a header field's value, groups opened. Never throws; linear in the value's length. */
export function parseAddressList(headerValue: string): HeaderAddress[] {
  const found: HeaderAddress[] = []
  for (const item of readAddresses(headerValue)) {
    if (item.kind === 'mailbox') found.push({ name: item.name, local: item.local, domain: item.domain })
  }
  return found
}

interface State {
  items: AddressItem[]
  inGroup: boolean
  /** Words outside angle brackets, joined as a display name is. */
  phrase: string
  /** The same joined as an address is: without white space. */
  spec: string
  /** Where in `spec` the last unquoted @ stands. */
  at: number
  comment: string
  /** The address in angle brackets once it has been read. */
  angle: { local: string; domain: string; route: string } | null
  /** Something stands behind the angle brackets. */
  trails: boolean
  space: boolean
}

/** Reads an address field with groups and routes, as ENVELOPE needs it (RFC 9051 7.5.2). */
export function readAddresses(value: string): AddressItem[] {
  const text = value.length > FIELD_BYTES ? value.slice(0, FIELD_BYTES) : value
  const state: State = {
    items: [],
    inGroup: false,
    phrase: '',
    spec: '',
    at: -1,
    comment: '',
    angle: null,
    trails: false,
    space: false,
  }
  let i = 0
  while (i < text.length && state.items.length < ADDRESSES_MOST) {
    const c = text[i]
    if (c === ' ' || c === '\t' || c === '\r' || c === '\n') {
      state.space = true
      i++
    } else if (c === '"') {
      const quoted = readQuoted(text, i)
      addWord(state, quoted.text)
      i = quoted.next
    } else if (c === '(') {
      const comment = readComment(text, i)
      state.comment = comment.text
      state.space = true
      i = comment.next
    } else if (c === '<') {
      i = readAngle(state, text, i)
    } else if (c === ',' || c === ';' || (c === ':' && !state.inGroup)) {
      separate(state, c)
      i++
    } else {
      const end = c === '@' ? i + 1 : wordEnd(text, i)
      if (c === '@') state.at = state.spec.length
      addWord(state, text.slice(i, end))
      i = end
    }
  }
  flush(state)
  if (state.inGroup) state.items.push({ kind: 'end' })
  return state.items
}

function separate(state: State, mark: ',' | ';' | ':'): void {
  if (mark === ':') {
    state.items.push({ kind: 'group', name: state.phrase })
    state.inGroup = true
    reset(state)
    return
  }
  flush(state)
  if (mark === ';' && state.inGroup) {
    state.items.push({ kind: 'end' })
    state.inGroup = false
  }
}

function addWord(state: State, word: string): void {
  if (state.angle) state.trails = true
  state.phrase += state.space && state.phrase !== '' ? ` ${word}` : word
  state.spec += word
  state.space = false
}

function reset(state: State): void {
  state.phrase = ''
  state.spec = ''
  state.at = -1
  state.comment = ''
  state.angle = null
  state.trails = false
  state.space = false
}

function flush(state: State): void {
  if (state.angle) {
    const { local, domain } = state.angle
    // Many write the address as its own display name without quotes.
    const doubtful = state.trails || (state.at >= 0 && state.spec !== `${local}@${domain}`)
    const name = state.phrase || state.comment
    state.items.push({ kind: 'mailbox', name, ...state.angle, ...(doubtful ? { doubtful } : {}) })
  } else if (state.spec !== '') {
    const local = state.at < 0 ? state.spec : state.spec.slice(0, state.at)
    const domain = state.at < 0 ? '' : state.spec.slice(state.at + 1)
    state.items.push({ kind: 'mailbox', name: state.comment, local, domain, route: '' })
  }
  reset(state)
}

/** The end of a run without specials, so that words are cut out as slices rather than letter by letter. */
function wordEnd(text: string, from: number): number {
  let i = from + 1
  while (i < text.length && !' \t\r\n"(<,;:@'.includes(text.charAt(i))) i++
  return i
}

/** A quoted string from its opening quote (RFC 5322 3.2.4); an unclosed one runs to the end. */
function readQuoted(text: string, from: number): { text: string; next: number } {
  let out = ''
  let start = from + 1
  let i = start
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x22) break
    if (c === 0x5c && i + 1 < text.length) {
      out += text.slice(start, i)
      start = ++i
    }
  }
  return { text: out + text.slice(start, i), next: i + 1 }
}

/** A comment from its opening parenthesis; nesting is counted, not recursed into (P-05: 10,000 deep). */
function readComment(text: string, from: number): { text: string; next: number } {
  let depth = 0
  let i = from
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x5c) i++
    else if (c === 0x28) depth++
    else if (c === 0x29 && --depth === 0) break
  }
  return {
    text: trimBytes(text.slice(from + 1, i).replace(/\\(.)/g, '$1')),
    next: i + 1,
  }
}

/** `<route:local@domain>` from its bracket; sets the state's angle address and returns where to go on. */
function readAngle(state: State, text: string, from: number): number {
  if (state.angle) state.trails = true
  let spec = ''
  let at = -1
  let route = ''
  let i = from + 1
  while (i < text.length && text[i] !== '>') {
    const c = text.charAt(i)
    if (c === '"') {
      const quoted = readQuoted(text, i)
      spec += quoted.text
      i = quoted.next
    } else if (c === '(') {
      i = readComment(text, i).next
    } else if (c === ':' && spec.startsWith('@')) {
      route = spec
      spec = ''
      at = -1
      i++
    } else {
      if (c === '@') at = spec.length
      if (c !== ' ' && c !== '\t' && c !== '\r' && c !== '\n') spec += c
      i++
    }
  }
  state.angle =
    at < 0 ? { local: spec, domain: '', route } : { local: spec.slice(0, at), domain: spec.slice(at + 1), route }
  return i + 1
}
