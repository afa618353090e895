import { setImmediate as turn } from 'node:timers/promises'
import { Gunzip, Unzip, UnzipInflate } from 'fflate'
import { type Attached, packingOf } from './attachment'
import { REPORT_LIMITS } from './limits'
import { type Refusal, refusalOf, unfit } from './refusal'

type Take = (chunk: Uint8Array) => void

/** Bytes of an unpacked slice that are handed on at once: XML of this size is read in a few milliseconds. */
const HAND_BYTES = 64 * 1024

/**
 * Unpacks a report and hands it on piece by piece, with a turn for everybody else at least every `sliceMs`. Throws a refusal beyond `mostBytes` or the
 * ratio, for an archive in the archive, for one with several files, and for a broken one. What `take` throws ends it.
 */
export async function expand(attached: Attached, mostBytes: number, take: Take): Promise<void> {
  const { bytes } = attached
  const gate = createGate(bytes.length, mostBytes)
  const push = pusher(attached, gate.take)
  let since = performance.now()
  for (let at = 0; at < bytes.length; at += REPORT_LIMITS.sliceBytes) {
    const slice = bytes.subarray(at, at + REPORT_LIMITS.sliceBytes)
    unpack(() => push(slice, at + slice.length >= bytes.length))
    for (const piece of gate.drain()) {
      take(piece)
      if (performance.now() - since < REPORT_LIMITS.sliceMs) continue
      await turn()
      since = performance.now()
    }
  }
  if (!gate.begun()) throw unfit('broken-archive')
}

/** Counts what comes out, before anything else sees it. */
function createGate(packedBytes: number, mostBytes: number) {
  let total = 0
  let waiting: Uint8Array[] = []
  return {
    begun: () => total > 0,
    take: (chunk: Uint8Array) => {
      if (chunk.length === 0) return
      if (total === 0 && packingOf(chunk) !== 'none') throw unfit('nested')
      total += chunk.length
      if (total > mostBytes) throw unfit('too-large')
      if (total > REPORT_LIMITS.ratioFromBytes && total > packedBytes * REPORT_LIMITS.ratio) throw unfit('ratio')
      waiting.push(chunk)
    },
    drain: function* (): Generator<Uint8Array> {
      const chunks = waiting
      waiting = []
      for (const chunk of chunks)
        for (let at = 0; at < chunk.length; at += HAND_BYTES) yield chunk.subarray(at, at + HAND_BYTES)
    },
  }
}

function pusher({ packing }: Attached, take: Take): (slice: Uint8Array, last: boolean) => void {
  switch (packing) {
    case 'none':
      return (slice) => take(slice)
    case 'gzip': {
      const gunzip = new Gunzip(take)
      return (slice, last) => gunzip.push(slice, last)
    }
    case 'zip':
      return unzipper(take)
  }
}

/** One file in the archive, or none is read: a report is one file (RFC 7489 7.2.1.1). */
function unzipper(take: Take): (slice: Uint8Array, last: boolean) => void {
  let files = 0
  const unzip = new Unzip((file) => {
    // What some programs put beside the file they pack; nobody reads it.
    if (file.name.endsWith('/') || file.name.startsWith('__MACOSX/')) return
    files++
    if (files > 1 || /\.zip$/i.test(file.name)) throw unfit('nested')
    file.ondata = (error, chunk) => {
      if (error) throw error
      take(chunk)
    }
    file.start()
  })
  unzip.register(UnzipInflate)
  return (slice, last) => unzip.push(slice, last)
}

/** Runs a step of the unpacker; whatever it throws of its own means that the archive is broken. */
function unpack(step: () => void, why: Refusal = 'broken-archive'): void {
  try {
    step()
  } catch (error) {
    throw refusalOf(error) ? error : unfit(why)
  }
}
