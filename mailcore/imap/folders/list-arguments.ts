import { LIMITS } from '#lib/limits'
import type { Cursor } from '../wire/cursor'
import { readEntryName } from './metadata-entry'
import { readStatusItems, type StatusItem } from './status'

/** Patterns of one LIST; clients that know many names ask for some hundred. */
const PATTERNS_MOST = 1_000

/** What LIST was asked (RFC 9051 6.3.9, RFC 5258). */
export interface ListArguments {
  /** Selection or return options, or several patterns: the extended form */
  extended: boolean
  select: { subscribed: boolean; specialUse: boolean; recursive: boolean }
  reference: string
  patterns: string[]
  tell: {
    subscribed: boolean
    specialUse: boolean
    status: StatusItem[]
    myRights: boolean
    metadata: string[]
  }
}

/** Reads the arguments of LIST. */
export function readListArguments(cursor: Cursor): ListArguments {
  cursor.space()
  const basic = cursor.next !== '('
  const select = basic ? { subscribed: false, specialUse: false, recursive: false } : readSelection(cursor)
  if (!basic) cursor.space()
  const reference = cursor.mailbox()
  cursor.space()
  const several = cursor.next === '('
  const patterns = several ? cursor.list(() => cursor.listPattern()) : [cursor.listPattern()]
  if (patterns.length > PATTERNS_MOST) cursor.fail('Too many patterns')
  const tell: ListArguments['tell'] = {
    subscribed: select.subscribed,
    specialUse: select.specialUse,
    status: [],
    myRights: false,
    metadata: [],
  }
  const returns = cursor.more()
  if (returns) readReturn(cursor, tell)
  return { extended: !basic || several || returns, select, reference, patterns, tell }
}

function readSelection(cursor: Cursor): ListArguments['select'] {
  const options = new Set(
    cursor.list(() => {
      const word = cursor.word()
      // REMOTE asks for mailboxes on other servers too; there are none.
      if (!['SUBSCRIBED', 'SPECIAL-USE', 'RECURSIVEMATCH', 'REMOTE'].includes(word)) cursor.fail('Unknown option')
      return word
    }),
  )
  const select = {
    subscribed: options.has('SUBSCRIBED'),
    specialUse: options.has('SPECIAL-USE'),
    recursive: options.has('RECURSIVEMATCH'),
  }
  if (select.recursive && !select.subscribed && !select.specialUse)
    cursor.fail('RECURSIVEMATCH stands with another option that selects')
  return select
}

function readReturn(cursor: Cursor, tell: ListArguments['tell']): void {
  if (!cursor.maybeWord('RETURN')) cursor.fail('RETURN was expected')
  cursor.space()
  cursor.list(() => {
    const word = cursor.word()
    switch (word) {
      case 'SUBSCRIBED':
        tell.subscribed = true
        return
      case 'SPECIAL-USE':
        tell.specialUse = true
        return
      case 'CHILDREN': // told always
        return
      case 'MYRIGHTS':
        tell.myRights = true
        return
      case 'STATUS':
        cursor.space()
        tell.status = readStatusItems(cursor)
        return
      case 'METADATA':
        cursor.space()
        tell.metadata = [...new Set(cursor.list(() => readEntryName(cursor)))]
        if (tell.metadata.length > LIMITS.annotationsPerFolder) cursor.fail('Too many entries')
        return
      default:
        cursor.fail('Unknown return option')
    }
  })
}
