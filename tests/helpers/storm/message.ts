import { sha } from './ledger'

/** Mulberry32: small, and the same everywhere. */
export function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <T>(list: readonly T[], random: () => number): T => {
  const one = list[Math.floor(random() * list.length)]
  if (one === undefined) throw new Error('There is nothing to pick from.')
  return one
}

/** Sizes of mail with how often each occurs. */
export const SIZES: readonly { bytes: number; share: number }[] = [
  { bytes: 1_000, share: 0.6 },
  { bytes: 5_000, share: 0.25 },
  { bytes: 50_000, share: 0.1 },
  { bytes: 500_000, share: 0.04 },
  { bytes: 10_000_000, share: 0.01 },
]

export function sizeOf(random: () => number, mostBytes: number): number {
  let left = random()
  for (const { bytes, share } of SIZES) {
    left -= share
    if (left <= 0) return Math.min(bytes, mostBytes)
  }
  return 1_000
}

export interface LedgerMessage {
  raw: string
  bodySha: string
  wholeSha: string
}

/** A message that names itself in its header and proves its body: ASCII, CRLF, no line that begins with a dot. */
export function makeMessage(of: { id: string; from: string; to: readonly string[]; bytes: number }): LedgerMessage {
  const mark = sha(of.id).slice(0, 24)
  const lines: string[] = []
  for (let n = 0, length = 0; length < of.bytes; n++, length += 76)
    lines.push(`${mark} ${n.toString(36).padStart(6, '0')} ${mark.repeat(2).slice(0, 43)}`)
  const body = `${lines.join('\r\n')}\r\nend of ${of.id}\r\n`
  const bodySha = sha(body)
  const raw =
    `From: <${of.from}>\r\nTo: ${of.to.map((one) => `<${one}>`).join(',\r\n ')}\r\nSubject: ${of.id}\r\n` +
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nMessage-ID: <${of.id}@ledger.test>\r\nX-Ledger: ${of.id} ${bodySha}\r\n\r\n${body}`
  return { raw, bodySha, wholeSha: sha(raw) }
}
