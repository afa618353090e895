import { describe, expect, it } from 'vitest'
import { Output } from '#mailcore/door/output'
import type { ChangeEntry, FolderView } from '#mailcore/ports'
import type { Selected } from '../selected'
import type { Session } from '../session'
import { resync, vanishedSince } from './resync'

const CHANGES: ChangeEntry[] = [
  { modseq: 2n, kind: 'added', uids: [1, 2, 3, 4, 5] },
  { modseq: 3n, kind: 'flags', uids: [1, 2, 3, 4, 5] },
  { modseq: 4n, kind: 'expunged', uids: [4] },
  { modseq: 5n, kind: 'expunged', uids: [2, 6] },
]

/** A folder with these messages, all changed at mod-sequence 9, and what was asked of its journal. */
function folderOf(uids: Uint32Array, uidNext: number) {
  const asked: (string | undefined)[] = []
  const view = {
    folder: { uidValidity: 7, uidNext },
    uids,
    flags: new Int32Array(uids.length),
    modseqs: new Float64Array(uids.length).fill(9),
    keywords: new Map(),
  } as unknown as FolderView
  const store = {
    changes: async (_folder: string, since: bigint, kind?: ChangeEntry['kind']) => {
      asked.push(kind)
      return CHANGES.filter((change) => change.modseq > since && (kind === undefined || change.kind === kind))
    },
  }
  return { selected: { store, folderId: '', view } as unknown as Selected, asked }
}

/** A session that keeps its answers. */
function listening() {
  const lines: string[] = []
  const out = new Output()
  out.text = (text) => void lines.push(text)
  const session = {
    out,
    uidOnly: false,
    untagged: (text: string) => lines.push(`* ${text}\r\n`),
    fetchPrefix: (sequence: number) => `* ${sequence} FETCH (`,
  } as unknown as Session
  return { session, lines }
}

describe('what vanished', () => {
  it('is asked for alone: changes of flags name every message of a large folder as often as they were made', async () => {
    const { selected, asked } = folderOf(Uint32Array.of(1, 3, 5), 7)
    expect([...(await vanishedSince(selected, 1))]).toEqual([2, 4, 6])
    expect(asked).toEqual(['expunged'])
  })

  it('is told of the uids a client knows, the edges of its ranges included', async () => {
    const { selected } = folderOf(Uint32Array.of(1, 3, 5), 7)
    const { session, lines } = listening()
    const known = { saved: false, ranges: [[5, 6] as const, [1, 2] as const] } as const
    await resync(session, selected, { uidValidity: 7, modseq: 1, known })
    expect(lines).toEqual([
      '* VANISHED (EARLIER) 2,6\r\n',
      '* 1 FETCH (UID 1 FLAGS () MODSEQ (9))\r\n',
      '* 3 FETCH (UID 5 FLAGS () MODSEQ (9))\r\n',
    ])
  })

  it('is found at once for a client that knows each of many messages by itself', { timeout: 10_000 }, async () => {
    const count = 100_000
    const { selected } = folderOf(
      Uint32Array.from({ length: count }, (_, i) => 3 * i + 1),
      3 * count + 1,
    )
    const { session, lines } = listening()
    // Each message, and a gap behind it that keeps the ranges apart.
    const ranges = Array.from({ length: count }, (_, i) => [3 * i + 1, 3 * i + 2] as const)
    await resync(session, selected, { uidValidity: 7, modseq: 8, known: { saved: false, ranges } })
    expect(lines).toHaveLength(count)
    // Between the ranges, where every one of them was looked at in turn.
    const between = folderOf(
      Uint32Array.from({ length: count }, (_, i) => 3 * i + 3),
      3 * count + 1,
    )
    const silent = listening()
    await resync(silent.session, between.selected, { uidValidity: 7, modseq: 8, known: { saved: false, ranges } })
    expect(silent.lines).toEqual([])
  })
})
