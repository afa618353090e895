import { SIEVE_LIMITS } from './limits'

const SYSTEM = new Map(
  ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'].map((flag) => [flag.toLowerCase(), flag]),
)

/** A keyword is an atom (RFC 9051 9); `$Junk` and the like among them. */
const KEYWORD = /^[^\s\p{Cc}(){%*"\\\]\u0080-\u{10ffff}]+$/u

/**
 * The flags in a list of strings, each of which may hold several between spaces (RFC 5232 2): once each, system flags
 * in their usual spelling. What is no flag is left out, as section 2 asks for. At most `SIEVE_LIMITS.flags`.
 */
export function readFlags(texts: readonly string[]): string[] {
  const found = new Map<string, string>()
  for (const text of texts) {
    for (const word of text.split(/\s+/)) {
      const key = word.toLowerCase()
      if (word === '' || found.has(key) || found.size >= SIEVE_LIMITS.flags) continue
      const flag = word.startsWith('\\') ? SYSTEM.get(key) : isKeyword(word) ? word : undefined
      if (flag !== undefined) found.set(key, flag)
    }
  }
  return [...found.values()]
}

const isKeyword = (word: string): boolean => word.length <= SIEVE_LIMITS.flagBytes && KEYWORD.test(word)

/** Flags of `from` that are not among `gone`, letter case aside. */
export function withoutFlags(from: readonly string[], gone: readonly string[]): string[] {
  const keys = new Set(gone.map((flag) => flag.toLowerCase()))
  return from.filter((flag) => !keys.has(flag.toLowerCase()))
}

/** Flags of two actions on the same message together; null only where neither has any to set. */
export function joinFlags(a: readonly string[] | null, b: readonly string[] | null): string[] | null {
  return a === null && b === null ? null : readFlags([...(a ?? []), ...(b ?? [])])
}
