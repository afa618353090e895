import { type HeaderAddress, parseAddressList } from '#mailcore/proto/address'
import { guessText } from '#mailcore/proto/charset'
import { decodeWords, type Field, fieldValue, type Header, readHeader } from '#mailcore/proto/header'
import { type Part, parseMessage } from '#mailcore/proto/mime/parse'
import { SIEVE_LIMITS } from './limits'

/** A message as tests see it; each part of the header is read once, when it is first asked for. */
export interface MessageView {
  raw: Buffer
  size: number
  bodyStart: number
  /** Whether a field of this name stands in the header */
  has(name: string): boolean
  /** Values of the fields of this name in order: unfolded, trimmed, encoded words decoded (RFC 5228 2.4.2.2) */
  values(name: string): readonly string[]
  /** Addresses of each field of this name (RFC 5228 5.1) */
  addresses(name: string): readonly (readonly HeaderAddress[])[]
  /** MIME structure of the first `SIEVE_LIMITS.bodyScannedBytes` */
  tree(): Part
  /** What `body :text` has read so far, and what it has yet to read */
  texts: { found: string[]; rest: Iterator<string> } | null
}

/** Reads the header of a message, of which proto/header takes at most LIMITS.headerBytes. Never throws. */
export function viewMessage(raw: Buffer, size: number): MessageView {
  const header = readHeader(raw)
  const fields = new Map<string, Field[]>()
  for (const field of header.fields) {
    const same = fields.get(field.name)
    if (same) same.push(field)
    else fields.set(field.name, [field])
  }
  const texts = new Map<string, readonly string[]>()
  const lists = new Map<string, readonly (readonly HeaderAddress[])[]>()
  let tree: Part | undefined
  return {
    raw,
    size,
    texts: null,
    tree() {
      tree ??= parseMessage(raw.subarray(0, SIEVE_LIMITS.bodyScannedBytes))
      return tree
    },
    bodyStart: header.bodyStart,
    has: (name) => fields.has(name.toLowerCase()),
    values: (name) =>
      remembered(texts, name, (key) => valuesOf(header, fields.get(key), (value) => decodeWords(value).trim())),
    addresses: (name) =>
      remembered(lists, name, (key) =>
        valuesOf(header, fields.get(key), (value) => parseAddressList(guessText(Buffer.from(value, 'latin1')))),
      ),
  }
}

function remembered<T>(known: Map<string, T>, name: string, make: (key: string) => T): T {
  const key = name.toLowerCase()
  const found = known.get(key)
  if (found !== undefined) return found
  const made = make(key)
  known.set(key, made)
  return made
}

const valuesOf = <T>(header: Header, fields: readonly Field[] | undefined, read: (value: string) => T): T[] =>
  (fields ?? []).map((field) => read(fieldValue(header, field)))
