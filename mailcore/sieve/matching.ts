import { compare, prepare, preparePattern, relates } from './comparator'
import type { Frame } from './context'
import { RunFault } from './errors'
import { SIEVE_LIMITS } from './limits'
import type { Comparator, Match } from './program'
import { RegexFault } from './regex/ast'
import { compileRegex, type Folding, type Regex } from './regex/compile'
import { matchRegex } from './regex/match'
import { cutBytes } from './strings'
import { indexOf, matchWildcard, parseWildcard } from './wildcard'

/** A key made ready; true where `value` fits it. */
type Matcher = (value: string) => boolean | Promise<boolean>

/** Comparisons of one pattern with question marks; nothing interrupts it, so this is some 50 ms. */
const WILDCARD_WORK = 8_000_000

/**
 * Whether any of `values` fits any of `keys` (RFC 5228 2.7, RFC 5231). A match by :matches or :regex sets the match
 * variables (RFC 5229 3.2) unless `quiet`. Gives the loop back between values.
 */
export async function matchAny(
  frame: Frame,
  match: Match,
  values: Iterable<string>,
  keys: readonly string[],
  quiet = false,
): Promise<boolean> {
  const { budget } = frame.run
  if (match.type === 'count') {
    let count = 0
    for (const _ of values) count++
    return keys.some((key) => relates(compare(String(count), key, match.comparator), match.relation))
  }
  const capture = frame.program.variables && !quiet
  const ready = prepared(match.comparator)
  const matchers: Matcher[] = []
  for (const value of values) {
    budget.spend(20 + value.length)
    for (const [i, key] of keys.entries()) {
      matchers[i] ??= matcherOf({ frame, match, capture, ready }, key)
      budget.spend(20)
      const found = matchers[i](value)
      if (typeof found === 'boolean' ? found : await found) return true
      if (budget.due()) await budget.breathe()
    }
  }
  return false
}

interface Matching {
  frame: Frame
  match: Match
  capture: boolean
  ready: Prepare
}

function matcherOf(matching: Matching, key: string): Matcher {
  const { match, ready } = matching
  const { comparator } = match
  const { budget } = matching.frame.run
  budget.spend(key.length)
  switch (match.type) {
    case 'is':
      if (comparator === 'i;ascii-numeric') return (value) => compare(value, key, comparator) === 0
      return isMatcher(prepare(key, comparator).folded, ready)
    case 'value':
    case 'count':
      return (value) => {
        budget.spend(value.length + key.length)
        return relates(compare(value, key, comparator), match.relation)
      }
    case 'contains': {
      const needle = prepare(key, comparator).folded
      return (value) => indexOf(ready(value).folded, needle, 0, budget.spend) >= 0
    }
    case 'matches':
      return wildcardMatcher(matching, key)
    case 'regex':
      return regexMatcher(matching, key)
  }
}

type Prepare = (text: string) => { plain: string; folded: string }

/** Remembers the last text: a value meets all keys before the next one comes. */
function prepared(comparator: Comparator): Prepare {
  let last: string | undefined
  let made = { plain: '', folded: '' }
  return (text) => {
    if (text !== last) {
      made = prepare(text, comparator)
      last = text
    }
    return made
  }
}

const isMatcher =
  (key: string, ready: Prepare): Matcher =>
  (value) =>
    ready(value).folded === key

function wildcardMatcher({ frame, match, capture, ready }: Matching, key: string): Matcher {
  const wildcard = parseWildcard(preparePattern(key, match.comparator))
  return (value) => {
    const { plain, folded } = ready(value)
    let left = WILDCARD_WORK
    const spans = matchWildcard(wildcard, folded, (work) => {
      left -= work
      if (left < 0) throw new RunFault('A match with wildcards takes too much work')
      frame.run.budget.spend(work)
    })
    if (!spans) return false
    if (capture) setMatches(frame, plain, [[0, plain.length], ...spans])
    return true
  }
}

function regexMatcher({ frame, match, capture }: Matching, key: string): Matcher {
  const regex = regexOf(frame, key, foldingOf(match.comparator))
  const { budget } = frame.run
  return async (value) => {
    const machine = matchRegex(regex, value, capture)
    for (;;) {
      const step = machine.next()
      if (step.done) {
        const slots = step.value
        if (slots && capture) {
          const spans: [number, number][] = []
          for (let i = 0; i < slots.length; i += 2) spans.push([slots[i] ?? -1, slots[i + 1] ?? -1])
          setMatches(frame, value, spans)
        }
        return slots !== null
      }
      budget.spendRegex(step.value)
      if (budget.due()) await budget.breathe()
    }
  }
}

/** The case folding of a regular expression under a comparator. */
export const foldingOf = (comparator: Comparator): Folding =>
  comparator === 'i;ascii-casemap' ? 'ascii' : comparator === 'i;unicode-casemap' ? 'unicode' : 'none'

const REGEXES_REMEMBERED = 100

function regexOf(frame: Frame, key: string, folding: Folding): Regex {
  const name = `${folding} ${key}`
  const known = frame.run.regexes.get(name)
  if (known) return known
  try {
    const regex = compileRegex(key, folding)
    frame.run.budget.spend(regex.instructions.length * 10)
    if (frame.run.regexes.size < REGEXES_REMEMBERED) frame.run.regexes.set(name, regex)
    return regex
  } catch (error) {
    if (error instanceof RegexFault) throw new RunFault(`Invalid regular expression: ${error.message}`)
    throw error
  }
}

function setMatches(frame: Frame, text: string, spans: readonly (readonly [number, number])[]): void {
  frame.matches = spans
    .slice(0, SIEVE_LIMITS.matchVariables)
    .map(([start, end]) => (start < 0 || end < 0 ? '' : cutBytes(text.slice(start, end), SIEVE_LIMITS.variableBytes)))
}
