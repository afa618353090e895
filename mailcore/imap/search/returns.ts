import type { Cursor } from '../wire/cursor'

/** A window of results, counted from 1 or, negative, from the end (RFC 5267 4.4, RFC 9394 3.1). */
export interface Window {
  from: number
  to: number
  /** As the client wrote it */
  text: string
}

/** Search return options (RFC 4731 3.1, RFC 5182, RFC 5267, RFC 9394). */
export interface Returns {
  min: boolean
  max: boolean
  all: boolean
  count: boolean
  save: boolean
  update: boolean
  partial: Window | undefined
}

/** `RETURN (...)`, if it comes next, with the space behind it. */
export function readReturns(cursor: Cursor): Returns | undefined {
  if (!cursor.maybeWord('RETURN')) return undefined
  cursor.space()
  const returns: Returns = {
    min: false,
    max: false,
    all: false,
    count: false,
    save: false,
    update: false,
    partial: undefined,
  }
  cursor.list(() => readOption(cursor, returns))
  cursor.space()
  if (returns.all && returns.partial) cursor.fail('ALL and PARTIAL exclude each other')
  // "()" is ALL (RFC 4731 3.1); an option that only asks for later news does not say what is wanted now.
  const silent = !returns.min && !returns.max && !returns.count && !returns.partial
  if (silent && !returns.save) returns.all = true
  return returns
}

function readOption(cursor: Cursor, returns: Returns): void {
  const word = cursor.word()
  switch (word) {
    case 'MIN':
      returns.min = true
      return
    case 'MAX':
      returns.max = true
      return
    case 'ALL':
      returns.all = true
      return
    case 'COUNT':
      returns.count = true
      return
    case 'SAVE':
      returns.save = true
      return
    case 'UPDATE':
      returns.update = true
      return
    case 'CONTEXT':
      // A hint that the search will be asked for again (RFC 5267 4.2); we need none.
      return
    case 'PARTIAL':
      if (returns.partial) cursor.fail('One PARTIAL is allowed')
      cursor.space()
      returns.partial = readWindow(cursor)
      return
    default:
      cursor.fail('Unknown return option')
  }
}

function readWindow(cursor: Cursor): Window {
  const fromEnd = cursor.maybe('-')
  const a = readPlace(cursor)
  cursor.expect(':')
  if (cursor.maybe('-') !== fromEnd) cursor.fail('A window counts from one end')
  const b = readPlace(cursor)
  const sign = fromEnd ? '-' : ''
  const [from, to] = a < b ? [a, b] : [b, a]
  return { from: fromEnd ? -from : from, to: fromEnd ? -to : to, text: `${sign}${a}:${sign}${b}` }
}

function readPlace(cursor: Cursor): number {
  const place = cursor.number()
  return place === 0 ? cursor.fail('Results are counted from 1') : place
}

/** The part of the results that a window shows, in their order. */
export function windowOf<T extends ArrayLike<number> & { subarray(from: number, to: number): T }>(
  results: T,
  { from, to }: Window,
): T {
  const count = results.length
  return from > 0
    ? results.subarray(Math.min(from - 1, count), Math.min(to, count))
    : results.subarray(Math.max(count + to, 0), Math.max(count + from + 1, 0))
}
