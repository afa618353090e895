import { keyedHash } from '#lib/crypto/hash'

/**
 * What one owner has marked as spam or not: how often each word stood in either, by keyed hash. Kept sealed under the account's key (delivery_rule
 * `spam`); without that key it says nothing, and the hashes of one account fit no other.
 */
export interface SpamMemory {
  /** Messages learnt */
  spam: number
  ham: number
  /** 6 bytes of hash as a number, to the messages of either kind that held the word */
  words: Map<number, { spam: number; ham: number }>
}

/** Words of one message that are looked at: the first ones, of at most TEXT_CHARS characters. */
const WORDS_MOST = 1_000
const TEXT_CHARS = 64 * 1024
/** About 300 KB sealed. Beyond it the rarest words go. */
const MEMORY_MOST = 20_000
/** Before so many of each kind nothing is said: a guess from three letters is worth less than none. */
const LEARNT_LEAST = 10
/** Words that speak most clearly decide (Graham, "A Plan for Spam"); with more, long messages would always be certain. */
const DECISIVE = 25
/** How much a rare word counts like an unknown one (Robinson): as if it had been seen once, undecided. */
const STRENGTH = 1
const VERSION = 1
const ENTRY_BYTES = 10
const HEAD_BYTES = 9

export const emptyMemory = (): SpamMemory => ({ spam: 0, ham: 0, words: new Map() })

/** The words of a text, as keyed hashes, each once. `key`: 32 bytes of the account's own. */
export function hashWords(key: Buffer, text: string): Set<number> {
  const found = new Set<number>()
  for (const [word] of text
    .slice(0, TEXT_CHARS)
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}$€£!@.'-]{3,30}/gu)) {
    if (found.size >= WORDS_MOST) break
    found.add(keyedHash(key, 'spam-word', word).readUIntBE(0, 6))
  }
  return found
}

/** Learns a message, or with `undo` takes back what was learnt of it. Changes the memory in place. */
export function train(memory: SpamMemory, words: ReadonlySet<number>, kind: 'spam' | 'ham', undo = false): void {
  const step = undo ? -1 : 1
  memory[kind] = Math.max(0, memory[kind] + step)
  for (const word of words) {
    const known = memory.words.get(word) ?? { spam: 0, ham: 0 }
    known[kind] = Math.max(0, known[kind] + step)
    if (known.spam + known.ham === 0) memory.words.delete(word)
    else memory.words.set(word, known)
  }
  if (memory.words.size > MEMORY_MOST) forgetRarest(memory)
}

/** May a message of these words have been learnt as this kind? False as soon as one of them never stood in any. */
export function mayBeLearnt(memory: SpamMemory, words: ReadonlySet<number>, kind: 'spam' | 'ham'): boolean {
  for (const word of words) if ((memory.words.get(word)?.[kind] ?? 0) === 0) return false
  return memory[kind] > 0
}

function forgetRarest(memory: SpamMemory): void {
  const sorted = [...memory.words].sort(([, a], [, b]) => b.spam + b.ham - (a.spam + a.ham))
  // A tenth more than needed, so that it is not done at each message.
  memory.words = new Map(sorted.slice(0, Math.floor(MEMORY_MOST * 0.9)))
}

/** How likely the owner would call the message spam, 0 to 1; null while too little has been learnt. */
export function score(memory: SpamMemory, words: ReadonlySet<number>): number | null {
  if (memory.spam < LEARNT_LEAST || memory.ham < LEARNT_LEAST) return null
  const chances: number[] = []
  for (const word of words) {
    const known = memory.words.get(word)
    if (known) chances.push(chanceOf(memory, known))
  }
  chances.sort((a, b) => Math.abs(b - 0.5) - Math.abs(a - 0.5))
  let odds = 0
  for (const chance of chances.slice(0, DECISIVE)) odds += Math.log(chance / (1 - chance))
  return 1 / (1 + Math.exp(-odds))
}

function chanceOf(memory: SpamMemory, known: { spam: number; ham: number }): number {
  const [inSpam, inHam] = [known.spam / memory.spam, known.ham / memory.ham]
  const seen = known.spam + known.ham
  const chance = (STRENGTH * 0.5 + (seen * inSpam) / (inSpam + inHam)) / (STRENGTH + seen)
  return Math.min(0.99, Math.max(0.01, chance))
}

/** The memory as bytes, to be sealed: version, both counts, then each word with its counts. */
export function pack(memory: SpamMemory): Buffer {
  const out = Buffer.alloc(HEAD_BYTES + memory.words.size * ENTRY_BYTES)
  out.writeUInt8(VERSION, 0)
  out.writeUInt32BE(Math.min(memory.spam, 0xffffffff), 1)
  out.writeUInt32BE(Math.min(memory.ham, 0xffffffff), 5)
  let at = HEAD_BYTES
  for (const [word, { spam, ham }] of memory.words) {
    out.writeUIntBE(word, at, 6)
    out.writeUInt16BE(Math.min(spam, 0xffff), at + 6)
    out.writeUInt16BE(Math.min(ham, 0xffff), at + 8)
    at += ENTRY_BYTES
  }
  return out
}

/** Reads what `pack` made; an empty memory from anything else, as of a version to come: the owner teaches it anew. */
export function unpack(bytes: Buffer): SpamMemory {
  const memory = emptyMemory()
  if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION || (bytes.length - HEAD_BYTES) % ENTRY_BYTES !== 0)
    return memory
  memory.spam = bytes.readUInt32BE(1)
  memory.ham = bytes.readUInt32BE(5)
  for (let at = HEAD_BYTES; at < bytes.length; at += ENTRY_BYTES)
    memory.words.set(bytes.readUIntBE(at, 6), { spam: bytes.readUInt16BE(at + 6), ham: bytes.readUInt16BE(at + 8) })
  return memory
}
