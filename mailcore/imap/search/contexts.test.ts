import { describe, expect, it } from 'vitest'
import { FLAG, type FolderView } from '#mailcore/ports'
import { IMAP_LIMITS } from '../limits'
import type { Selected, ViewListener } from '../selected'
import type { Session } from '../session'
import { Cursor } from '../wire/cursor'
import { settleContexts, unwatch, watch } from './contexts'
import { readProgram } from './parse'
import { fakeFolder } from './testing'

const NONE = new Uint32Array(0)

/** A selected mailbox of eight messages with odd uids, and what is told. */
function made(flags: readonly number[] = []) {
  const { source, columns } = fakeFolder(
    Array.from({ length: 8 }, (_, i) => ({
      raw: `Subject: ${i % 2 === 0 ? 'even' : 'odd'}\r\n\r\n`,
      flags: flags[i] ?? 0,
    })),
  )
  const told: string[] = []
  const listeners = new Set<ViewListener & { leaving?(uids: ArrayLike<number>): void }>()
  const selected = {
    uids: columns.uids,
    view: columns as FolderView,
    store: source.store,
    folderId: source.folder,
    sequenceOf: (uid: number) => columns.uids.indexOf(uid) + 1,
    listen: (listener: ViewListener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as Selected
  const session = { untagged: (text: string) => told.push(text) } as unknown as Session
  const follow = (keys: string, uids: readonly number[], byUid = true, again?: () => Promise<Uint32Array>) =>
    watch(session, selected, {
      tag: 'a1',
      byUid,
      key: readProgram(new Cursor([keys]), undefined).key,
      saved: NONE,
      uids: Uint32Array.from(uids),
      ...(again ? { again } : {}),
    })
  const flag = (uid: number, word: number) => {
    columns.flags[columns.uids.indexOf(uid)] = word
    for (const listener of listeners) listener.changed?.([uid])
  }
  return { selected, session, told, listeners, follow, flag }
}

describe('a SEARCH kept up to date (RFC 5267 4.3)', () => {
  it('tells what begins to match and what ends to, once', () => {
    const { told, follow, flag } = made([FLAG.seen])
    expect(follow('SEEN', [1])).toBe(true)
    flag(3, FLAG.seen)
    flag(3, FLAG.seen | FLAG.flagged)
    flag(1, 0)
    expect(told).toEqual(['ESEARCH (TAG "a1") UID ADDTO (0 3)', 'ESEARCH (TAG "a1") UID REMOVEFROM (0 1)'])
  })

  it('reads texts before it tells of them', async () => {
    const { told, follow, flag, selected } = made()
    follow('SEEN SUBJECT odd', [])
    for (const uid of [1, 3, 7]) flag(uid, FLAG.seen)
    expect(told).toEqual([])
    await settleContexts(selected)
    await settleContexts(selected)
    expect(told).toEqual(['ESEARCH (TAG "a1") UID ADDTO (0 3,7)'])
    flag(3, 0)
    expect(told.at(-1)).toBe('ESEARCH (TAG "a1") UID REMOVEFROM (0 3)')
  })

  it('names what goes by sequence number while it has one', () => {
    const { told, follow, listeners } = made()
    follow('ALL', [1, 3, 5], false)
    for (const listener of listeners) {
      listener.leaving?.([3, 5])
      listener.gone?.([3, 5])
      listener.gone?.([1])
    }
    expect(told).toEqual(['ESEARCH (TAG "a1") REMOVEFROM (0 2:3)'])
  })

  it('stops when told to, and keeps a bounded number', () => {
    const { told, follow, flag, selected, session } = made()
    follow('SEEN', [])
    expect(unwatch(selected, ['a1', 'other'])).toBe(false)
    expect(unwatch(selected, ['a1'])).toBe(true)
    flag(1, FLAG.seen)
    expect(told).toEqual([])
    const what = { byUid: true, key: { kind: 'all' as const }, saved: NONE, uids: NONE }
    for (let i = 0; i < IMAP_LIMITS.contexts; i++)
      expect(watch(session, selected, { ...what, tag: `t${i}` })).toBe(true)
    expect(watch(session, selected, { ...what, tag: 'more' })).toBe(false)
  })
})

describe('a SORT kept up to date', () => {
  it('tells positions as they are at each step', async () => {
    const { told, follow, flag, selected } = made()
    let order = [9, 1, 5, 3]
    follow('SEEN', order, true, async () => Uint32Array.from(order))
    order = [7, 9, 3, 11, 13]
    flag(1, FLAG.seen)
    expect(told).toEqual([])
    await settleContexts(selected)
    expect(told).toEqual(['ESEARCH (TAG "a1") UID REMOVEFROM (2 1,5) ADDTO (1 7 4 11,13)'])
  })
})
