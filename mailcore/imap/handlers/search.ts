import type { FetchWant } from '#mailcore/ports'
import type { Door } from '../door'
import { serve } from '../refusal'
import { matchesAll } from '../search-match'
import { storeOf } from '../sessions'
import type { Handlers, OpenFolder, SearchNode, Session } from '../types'

const BADCHARSET = 'BADCHARSET (UTF-8 US-ASCII)'

/**
 * SEARCH and UID SEARCH (RFC 3501 6.4.4, MODSEQ of RFC 7162), by true substring. Each message is read only as far as
 * its terms are undecided: flags and dates first, then the stored header, then the body.
 * Known fault, left to the session engine that replaces imap-core's: it flattens parentheses before it parses, so
 * `OR (A B) C` is read as `OR A B C`.
 */
export function createSearch(door: Door): Pick<Handlers, 'onSearch'> {
  return {
    onSearch(folder, options, session, done) {
      const charset = options.query.find((node) => node.key === 'charset')
      if (charset && !/^(utf-?8|us-ascii)$/i.test(String(charset.value))) return done(null, { uidList: BADCHARSET })
      serve({ log: door.log, session, command: 'SEARCH' }, () => search(folder, options.query, session), {
        reply: (result) => done(null, result),
        refuse: (code) => done(null, { uidList: code }),
      })
    },
  }
}

/** Sets as sets: imap-core gives arrays, and ten thousand uids against ten thousand messages is 10^8 comparisons. */
function prepare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(prepare)
  if (typeof node !== 'object' || node === null) return node
  const { key, value } = node as SearchNode
  if (key === 'uid') return { ...node, value: new Set(Array.isArray(value) ? value : [value]) }
  return key === 'not' || key === 'or' ? { ...node, value: prepare(value) } : node
}

async function search(
  folder: OpenFolder,
  query: SearchNode[],
  session: Session,
): Promise<{ uidList: number[]; highestModseq: number }> {
  const { selected } = session
  const store = storeOf(session)
  const nodes = query.map(prepare)
  const known = new Set(selected ? selected.uidList : [])
  const { messages } = await store.list(folder.folderId)
  const hits: number[] = []
  const modseqs = new Map<number, bigint>()
  let undecided: number[] = []
  for (const message of messages) {
    if (!known.has(message.uid)) continue
    modseqs.set(message.uid, message.modseq)
    const match = matchesAll(nodes, message)
    if (match) hits.push(message.uid)
    else if (match === undefined) undecided.push(message.uid)
  }
  for (const want of [{ meta: true }, { meta: true, body: true }] satisfies FetchWant[]) {
    if (undecided.length === 0) break
    const left: number[] = []
    for await (const message of store.fetch(folder.folderId, undecided, want)) {
      const match = matchesAll(nodes, message)
      if (match) hits.push(message.uid)
      else if (match === undefined) left.push(message.uid)
      if (!session.socket.writable) return { uidList: [], highestModseq: 0 }
    }
    undecided = left
  }
  // RFC 7162 3.1.5: the highest of the messages found.
  const highest = hits.reduce((most, uid) => Math.max(most, Number(modseqs.get(uid) ?? 0n)), 0)
  return { uidList: hits.sort((a, b) => a - b), highestModseq: highest }
}
