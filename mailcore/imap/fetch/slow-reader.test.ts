import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Output } from '#mailcore/door/output'
import type { FolderView } from '#mailcore/ports'
import type { Session } from '../session'
import { Cursor } from '../wire/cursor'
import { planOf, readItems } from './items'
import { runFetch } from './run'

const RAW = Buffer.from(`Subject: s\r\n\r\n${'x'.repeat(1024 * 1024)}`)

/** A client that takes what it is given in a turn of its own, and remembers how much waited for it at most. */
function slowClient() {
  const taken = { bytes: 0, mostWaiting: 0 }
  const socket = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.bytes += chunk.length
      taken.mostWaiting = Math.max(taken.mostWaiting, socket.writableLength)
      setImmediate(done)
    },
  })
  const out = new Output()
  out.attach(socket)
  return { out, taken }
}

function viewOf(count: number): FolderView {
  const uids = Uint32Array.from({ length: count }, (_, i) => i + 1)
  const none = new Float64Array(count)
  return {
    folder: {} as FolderView['folder'],
    uids,
    flags: new Int32Array(count).fill(1),
    modseqs: none,
    sizes: new Uint32Array(count).fill(RAW.length),
    receivedAt: none,
    savedAt: none,
    keywords: new Map(),
  }
}

function sessionOver(out: Output, count: number): Session {
  const view = viewOf(count)
  const header = Buffer.from(`Subject: ${'s'.repeat(15_000)}\r\n\r\n`)
  const store = {
    bodies: async function* () {
      for (const uid of view.uids) yield { uid, raw: RAW }
    },
    metadata: async function* () {
      yield [...view.uids].map((uid) => ({ uid, header }))
    },
  }
  const session = {
    out,
    over: false,
    mailbox: { view, uids: view.uids, store, folderId: '' },
    fetchPrefix: (sequence: number) => `* ${sequence} FETCH (`,
    beginWork: () => undefined,
    progress: () => out.text('* OK [INPROGRESS] Still working\r\n'),
  }
  return session as unknown as Session
}

const fetchAll = async (count: number, items: readonly string[]) => {
  const { out, taken } = slowClient()
  const session = sessionOver(out, count)
  const plan = planOf({ ...readItems(new Cursor([`(${items.join(' ')})`])), sees: false })
  await runFetch(session, plan, session.mailbox.view.uids)
  await out.flush()
  return taken
}

describe('a client that asks for hundreds of items and reads slowly', () => {
  it('has one part of a message waiting for it at a time', async () => {
    const items = Array.from({ length: 100 }, (_, i) => `BODY.PEEK[]<${i}.2000000>`)
    const { bytes, mostWaiting } = await fetchAll(1, items)
    expect(bytes).toBeGreaterThan(99 * RAW.length)
    expect(mostWaiting).toBeLessThan(3 * RAW.length)
  })

  it('has few headers waiting for it', async () => {
    // One field in a hundred spellings, each an item of its own, and all from the header that is kept.
    const spelling = (i: number) =>
      [...'subject'].map((letter, bit) => (i & (1 << bit) ? letter.toUpperCase() : letter)).join('')
    const items = Array.from({ length: 100 }, (_, i) => `BODY.PEEK[HEADER.FIELDS (${spelling(i)})]`)
    const { bytes, mostWaiting } = await fetchAll(32, items)
    expect(bytes).toBeGreaterThan(32 * 100 * 15_000)
    expect(mostWaiting).toBeLessThan(2 * 100 * 16_000)
  })
})
