import type { EmailId, FolderId } from '#lib/ids'
import { describeMessage } from '#mailcore/proto/mime/describe'
import type { Columns } from './columns'
import type { Source } from './find'

/** One message of a made-up folder; its uid is its place times two, plus one. */
export interface FakeMessage {
  raw: string
  flags?: number
  size?: number
  receivedAt?: number
  savedAt?: number
  modseq?: number
}

/** For tests: a folder in memory. `reads` counts what had to be asked for. */
export function fakeFolder(messages: readonly FakeMessage[]): {
  source: Source
  columns: Columns
  reads: { kept: number; bodies: number }
} {
  const uids = Uint32Array.from(messages, (_, i) => 2 * i + 1)
  const reads = { kept: 0, bodies: 0 }
  const raw = (uid: number) => Buffer.from(messages[(uid - 1) / 2]?.raw ?? '', 'latin1')
  return {
    reads,
    columns: {
      uids,
      flags: Int32Array.from(messages, (one) => one.flags ?? 0),
      modseqs: Float64Array.from(messages, (one, i) => one.modseq ?? i + 1),
      sizes: Uint32Array.from(messages, (one) => one.size ?? one.raw.length),
      receivedAt: Float64Array.from(messages, (one, i) => one.receivedAt ?? i),
      savedAt: Float64Array.from(messages, (one, i) => one.savedAt ?? i),
      keywords: new Map([[8, '$Work']]),
    },
    source: {
      folder: 'folder' as FolderId,
      store: {
        async *metadata(_, wanted) {
          for (let at = 0; at < wanted.length; at += 256) {
            const some = Array.from({ length: Math.min(256, wanted.length - at) }, (_, i) => wanted[at + i] ?? 0)
            reads.kept += some.length
            yield some.map((uid) => ({ uid, header: Buffer.from(describeMessage(raw(uid)).header, 'latin1') }))
          }
        },
        async *bodies(_, wanted) {
          for (const uid of Array.from(wanted)) {
            reads.bodies++
            yield { uid, raw: raw(uid) }
          }
        },
        emailIds: async (_, wanted) => new Map(Array.from(wanted, (uid) => [uid, `M${uid}` as EmailId])),
      },
    },
  }
}
