import type { Cursor } from '../wire/cursor'

/** A piece of a message on its way in. */
export type Part = { kind: 'bytes'; data: Buffer } | { kind: 'url'; url: string }

/** One message of APPEND or REPLACE, as the client described it. */
export interface Incoming {
  flags: string[]
  receivedAt?: Date
  /** One for a plain message, several for CATENATE. */
  parts: Part[]
}

/** `[flag-list SP] [date-time SP] append-data` (RFC 9051 6.3.12; RFC 4469; RFC 9755 section 4). */
export function readMessage(cursor: Cursor): Incoming {
  const message: Incoming = { flags: [], parts: [] }
  if (cursor.next === '(') {
    message.flags = cursor.flagList()
    cursor.space()
  }
  if (cursor.next === '"') {
    message.receivedAt = cursor.dateTime()
    cursor.space()
  }
  if (cursor.maybeWord('CATENATE')) {
    cursor.space()
    message.parts = cursor.list(() => readPart(cursor))
    if (message.parts.length === 0) cursor.fail('Something to catenate was expected')
  } else message.parts = [readData(cursor)]
  return message
}

/** cat-part of RFC 4469 section 5. */
function readPart(cursor: Cursor): Part {
  if (cursor.maybeWord('URL')) {
    cursor.space()
    const url = cursor.astring()
    if (!/^[\x21-\x7e]+$/.test(url)) cursor.fail('That is no URL')
    return { kind: 'url', url }
  }
  if (cursor.maybeWord('TEXT')) cursor.space()
  return readData(cursor)
}

/** literal, literal8, or `UTF8 (literal8)`: all are bytes, and kept as they are. */
function readData(cursor: Cursor): Part {
  if (!cursor.maybeWord('UTF8')) return { kind: 'bytes', data: cursor.literal().data }
  cursor.space()
  cursor.expect('(')
  const { data } = cursor.literal()
  cursor.expect(')')
  return { kind: 'bytes', data }
}
