import { FLAG } from '#mailcore/ports'

const SYSTEM: readonly (readonly [name: string, bit: number])[] = [
  ['\\Seen', FLAG.seen],
  ['\\Answered', FLAG.answered],
  ['\\Flagged', FLAG.flagged],
  ['\\Deleted', FLAG.deleted],
  ['\\Draft', FLAG.draft],
]
const BY_NAME = new Map(SYSTEM.map(([name, bit]) => [name.toLowerCase(), bit]))

export const SYSTEM_BITS = 31
/** First bit of a keyword in the flag word. */
export const FIRST_KEYWORD_BIT = 8
export const LAST_KEYWORD_BIT = 31

/** Splits flag names into system bits and keywords; \Recent and unknown backslash flags are ignored (RFC 9051 2.3.2). */
export function splitFlags(flags: readonly string[]): { bits: number; keywords: string[] } {
  let bits = 0
  const keywords = new Map<string, string>()
  for (const flag of flags) {
    const bit = BY_NAME.get(flag.toLowerCase())
    if (bit !== undefined) bits |= bit
    else if (!flag.startsWith('\\')) keywords.set(flag.toLowerCase(), flag)
  }
  return { bits, keywords: [...keywords.values()] }
}

/** Flag names of a flag word, given the folder's keywords by bit. */
export function flagNames(word: number, keywords: ReadonlyMap<number, string>): string[] {
  const names: string[] = []
  for (const [name, bit] of SYSTEM) if (word & bit) names.push(name)
  if (word & ~SYSTEM_BITS) for (const [bit, name] of keywords) if (word & (1 << bit)) names.push(name)
  return names
}
