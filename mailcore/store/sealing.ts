import zlib from 'node:zlib'
import { open, seal } from '#lib/crypto/aead'
import type { BoxOpener, BoxSealer } from '#lib/crypto/box'
import { Fault } from '#lib/errors'
import type { AccountId, EmailId, TenantId } from '#lib/ids'
import type { MessageMeta } from '#mailcore/ports'

/** Whose message it is and which: what every ciphertext of it is bound to. */
export interface MessageRef {
  tenantId: TenantId
  accountId: AccountId
  emailId: EmailId
}

const ids = (ref: MessageRef) => [ref.tenantId, ref.accountId, ref.emailId] as const
const keyContext = (ref: MessageRef) => ['message-key/v1', ...ids(ref)] as const
const bodyContext = (ref: MessageRef) => ['body/v1', ...ids(ref)] as const
const metaContext = (ref: MessageRef) => ['meta/v1', ...ids(ref)] as const
const envelopeContext = (ref: MessageRef) => ['envelope/v1', ...ids(ref)] as const

// The first byte of a squeezed value says how it was made, so that a later encoding needs no migration.
const AS_IS = 0
const DEFLATED = 1
const ZSTD = 2
/** Below this, compression gains nothing worth its call. */
const LEAST_BYTES = 200
// zstd (RFC 8878) at level 1 takes a quarter of deflate's time for the same size here; a runtime without it deflates (RFC 1951) with a small window.
const hasZstd = typeof zlib.zstdCompressSync === 'function'
const ZSTD_PARAMS = { [zlib.constants.ZSTD_c_compressionLevel]: 1 }
/** Told the length beforehand, it makes no larger tables than a message of that length needs. Most mail comes to less than half. */
const zstd = (plain: Buffer): Buffer =>
  zlib.zstdCompressSync(plain, {
    params: ZSTD_PARAMS,
    pledgedSrcSize: plain.length,
    chunkSize: Math.min(Math.max(plain.length >> 1, 1_024), 1024 * 1024),
  })
const DEFLATE_OPTIONS = { level: 1, windowBits: 13, memLevel: 6 }

/** Compresses before sealing: ciphertext does not compress. Level 1, since one core must keep up with thousands of messages a second. */
export function squeeze(plain: Buffer): Buffer {
  if (plain.length >= LEAST_BYTES) {
    const packed = hasZstd ? zstd(plain) : zlib.deflateRawSync(plain, DEFLATE_OPTIONS)
    if (packed.length < plain.length) return Buffer.concat([Buffer.of(hasZstd ? ZSTD : DEFLATED), packed])
  }
  return asIs(plain)
}

/** The same form without compression: for metadata rows, which live until a page compresses 256 of them together. */
export const asIs = (plain: Buffer): Buffer => Buffer.concat([Buffer.of(AS_IS), plain])

/** Undoes `squeeze`. The length is bounded by what was sealed by us, not by a stranger. */
export function unsqueeze(squeezed: Buffer): Buffer {
  const rest = squeezed.subarray(1)
  if (squeezed[0] === AS_IS) return rest
  if (squeezed[0] === DEFLATED) return zlib.inflateRawSync(rest)
  if (squeezed[0] === ZSTD && hasZstd) return zlib.zstdDecompressSync(rest)
  throw new Fault('INTERNAL', 'A stored message has an encoding that this runtime does not know.', {
    internal: 'encoding',
  })
}

/** Four items, each with its length (u32): envelope, bodystructure, header as bytes, preview as UTF-8. */
export function packMeta(meta: MessageMeta): Buffer {
  const items = [
    Buffer.from(meta.envelope, 'latin1'),
    Buffer.from(meta.bodystructure, 'latin1'),
    Buffer.from(meta.header, 'latin1'),
    Buffer.from(meta.preview, 'utf8'),
  ]
  const lengths = Buffer.allocUnsafe(4 * items.length)
  for (const [i, item] of items.entries()) lengths.writeUInt32LE(item.length, 4 * i)
  return Buffer.concat([lengths, ...items])
}

/** The four items of packed metadata as bytes, in the order of `packMeta`; they share its memory. */
export function metaItems(packed: Buffer): Buffer[] {
  let at = 16
  return [0, 4, 8, 12].map((i) => {
    const item = packed.subarray(at, at + packed.readUInt32LE(i))
    at += item.length
    return item
  })
}

/** Undoes `packMeta`. */
export function unpackMeta(packed: Buffer): MessageMeta {
  let at = 16
  const item = (i: number, encoding: 'latin1' | 'utf8') => {
    const end = at + packed.readUInt32LE(4 * i)
    const text = packed.toString(encoding, at, end)
    at = end
    return text
  }
  return {
    envelope: item(0, 'latin1'),
    bodystructure: item(1, 'latin1'),
    header: item(2, 'latin1'),
    preview: item(3, 'utf8'),
  }
}

export interface SealedMessage {
  wrappedKey: Buffer
  body: Buffer
  meta: Buffer
  /** Seals the envelope under the same key: called only where a script will ask for it. */
  sealEnvelope(envelope: Envelope): Buffer
}

/** What SMTP said besides the message. */
export interface Envelope {
  /** '' for the null sender */
  sender: string
  /** Those that led to this account */
  recipients: string[]
}

/** Seals one message for one account: a fresh key, wrapped to the account's public key; body and metadata each under it. */
export function sealMessage(
  sealer: BoxSealer,
  recipient: { publicKey: Buffer; keyVersion: number },
  ref: MessageRef,
  content: { squeezedBody: Buffer; squeezedMeta: Buffer },
): SealedMessage {
  const { key, wrapped } = sealer.newMessageKey(recipient.publicKey, recipient.keyVersion, keyContext(ref))
  return {
    wrappedKey: wrapped,
    body: seal(key, content.squeezedBody, bodyContext(ref), recipient.keyVersion),
    meta: seal(key, content.squeezedMeta, metaContext(ref), recipient.keyVersion),
    sealEnvelope: (envelope) =>
      seal(key, Buffer.from(JSON.stringify(envelope)), envelopeContext(ref), recipient.keyVersion),
  }
}

/** Opens the envelope of a message that waits for a script. */
export function openEnvelope(opener: BoxOpener, ref: MessageRef, wrappedKey: Buffer, sealed: Buffer): Envelope {
  const { sender, recipients }: Envelope = JSON.parse(
    open(opener.unwrap(wrappedKey, keyContext(ref)), sealed, envelopeContext(ref)).toString(),
  )
  return { sender, recipients }
}

/** Opens a body; throws a Fault when it was altered or belongs elsewhere. */
export const openBody = (opener: BoxOpener, ref: MessageRef, wrappedKey: Buffer, sealed: Buffer): Buffer =>
  unsqueeze(open(opener.unwrap(wrappedKey, keyContext(ref)), sealed, bodyContext(ref)))

/** Opens the metadata of a message, still packed. */
export const openMetaPacked = (opener: BoxOpener, ref: MessageRef, wrappedKey: Buffer, sealed: Buffer): Buffer =>
  unsqueeze(open(opener.unwrap(wrappedKey, keyContext(ref)), sealed, metaContext(ref)))

/** Opens the metadata of a message. */
export const openMeta = (opener: BoxOpener, ref: MessageRef, wrappedKey: Buffer, sealed: Buffer): MessageMeta =>
  unpackMeta(openMetaPacked(opener, ref, wrappedKey, sealed))
