import { FLAG, type FolderView } from '#mailcore/ports'

const SYSTEM: readonly (readonly [bit: number, name: string])[] = [
  [FLAG.answered, '\\Answered'],
  [FLAG.flagged, '\\Flagged'],
  [FLAG.deleted, '\\Deleted'],
  [FLAG.seen, '\\Seen'],
  [FLAG.draft, '\\Draft'],
]

/** System flags in the order of RFC 9051 2.3.2. */
export const SYSTEM_FLAGS = SYSTEM.map(([, name]) => name).join(' ')

/** The words of the 32 combinations of system flags: FLAGS of ten thousand messages builds no strings. */
const COMBINED = Array.from({ length: 32 }, (_, word) =>
  SYSTEM.filter(([bit]) => word & bit)
    .map(([, name]) => name)
    .join(' '),
)

/** Flags of a word as they stand between the parentheses of FLAGS. */
export function wordText(word: number, keywords: ReadonlyMap<number, string>): string {
  const system = COMBINED[word & 31] ?? ''
  if ((word & ~31) === 0) return system
  let text = system
  for (const [bit, name] of keywords) if (word & (1 << bit)) text += text === '' ? name : ` ${name}`
  return text
}

/** Flags of the message at index `i` of a view. */
export const flagText = (view: FolderView, i: number): string => wordText(view.flags[i] ?? 0, view.keywords)

/** The word of flag names for comparing and searching; names the folder has not learned are left out. */
export function flagWord(names: readonly string[], keywords: ReadonlyMap<number, string>): number {
  let word = 0
  for (const name of names) word |= bitOf(name, keywords)
  return word
}

/** The bit of one flag name, 0 when the folder does not know it. */
export function bitOf(name: string, keywords: ReadonlyMap<number, string>): number {
  const lower = name.toLowerCase()
  for (const [bit, system] of SYSTEM) if (system.toLowerCase() === lower) return bit
  for (const [bit, keyword] of keywords) if (keyword.toLowerCase() === lower) return 1 << bit
  return 0
}
