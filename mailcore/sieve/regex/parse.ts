import { SIEVE_LIMITS } from '../limits'
import { type Assertion, RegexFault, type RegexNode } from './ast'
import { letterSet, readBracket } from './brackets'

interface Reader {
  chars: readonly string[]
  at: number
  groups: number
  depth: number
}

/** The most that `{n,m}` may ask for (POSIX.1 RE_DUP_MAX). */
const REPEAT_MOST = 255

const ASSERTIONS = new Map<string, Assertion>([
  ['<', 'wordStart'],
  ['>', 'wordEnd'],
  ['b', 'wordEdge'],
  ['B', 'noWordEdge'],
])

/**
 * A POSIX extended regular expression (draft-ietf-sieve-regex 3) as a tree. Back references are refused: they are what
 * makes matching exponential. Throws RegexFault.
 */
export function parseRegex(text: string): { node: RegexNode; groups: number } {
  const reader: Reader = { chars: [...text], at: 0, groups: 0, depth: 0 }
  const node = readChoice(reader)
  if (reader.at < reader.chars.length) throw new RegexFault('")" without "("')
  return { node, groups: reader.groups }
}

function readChoice(reader: Reader): RegexNode {
  const nodes = [readSequence(reader)]
  while (reader.chars[reader.at] === '|') {
    reader.at++
    nodes.push(readSequence(reader))
  }
  return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'choice', nodes }
}

function readSequence(reader: Reader): RegexNode {
  const nodes: RegexNode[] = []
  for (;;) {
    const c = reader.chars[reader.at]
    if (c === undefined || c === '|' || c === ')') break
    nodes.push(readRepeats(reader, readAtom(reader, c)))
  }
  return { kind: 'sequence', nodes }
}

function readAtom(reader: Reader, c: string): RegexNode {
  switch (c) {
    case '(':
      return readGroup(reader)
    case '[': {
      const bracket = readBracket(reader.chars, reader.at + 1)
      reader.at = bracket.next
      return { kind: 'set', set: bracket.set }
    }
    case '\\':
      return readEscape(reader)
    case '*':
    case '+':
    case '?':
      throw new RegexFault(`"${c}" has nothing to repeat`)
    case '{':
      if (readInterval(reader)) throw new RegexFault('"{" has nothing to repeat')
      break
    default:
      break
  }
  reader.at++
  if (c === '.') return { kind: 'any' }
  if (c === '^') return { kind: 'assert', what: 'start' }
  if (c === '$') return { kind: 'assert', what: 'end' }
  return literal(c)
}

function literal(c: string): RegexNode {
  const code = c.codePointAt(0) ?? 0
  return { kind: 'set', set: { ranges: [[code, code]], negated: false } }
}

function readGroup(reader: Reader): RegexNode {
  if (++reader.depth > SIEVE_LIMITS.regexNesting) throw new RegexFault('groups are nested too deep')
  reader.at++
  if (reader.chars[reader.at] === '?')
    throw new RegexFault('"?" has nothing to repeat (POSIX expressions know no "(?")')
  const number = ++reader.groups
  const node = readChoice(reader)
  if (reader.chars[reader.at] !== ')') throw new RegexFault('"(" is never closed: expected ")"')
  reader.at++
  reader.depth--
  return { kind: 'group', index: number < SIEVE_LIMITS.matchVariables ? number : 0, node }
}

function readEscape(reader: Reader): RegexNode {
  const c = reader.chars[reader.at + 1]
  if (c === undefined) throw new RegexFault('a backslash at the end escapes nothing')
  reader.at += 2
  if (c >= '1' && c <= '9') throw new RegexFault('back references are not supported')
  const what = ASSERTIONS.get(c)
  if (what) return { kind: 'assert', what }
  const set = letterSet(c)
  return set ? { kind: 'set', set } : literal(c)
}

function readRepeats(reader: Reader, atom: RegexNode): RegexNode {
  let node = atom
  for (let times = 0; ; times++) {
    const c = reader.chars[reader.at]
    let least = 0
    let most = Number.POSITIVE_INFINITY
    if (c === '*' || c === '+' || c === '?') {
      reader.at++
      least = c === '+' ? 1 : 0
      if (c === '?') most = 1
    } else {
      const interval = c === '{' ? readInterval(reader) : null
      if (!interval) return node
      reader.at = interval.next
      least = interval.least
      most = interval.most
    }
    // Each level multiplies what is unrolled, and nests the tree.
    if (times >= SIEVE_LIMITS.regexNesting) throw new RegexFault('too many repetitions of a repetition')
    node = { kind: 'repeat', node, least, most }
  }
}

/** `{n}`, `{n,}` or `{n,m}` at the reader; null where the brace is a character like others, as in glibc. */
function readInterval(reader: Reader): { least: number; most: number; next: number } | null {
  const ahead = reader.chars.slice(reader.at, reader.at + 12).join('')
  const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(ahead)
  if (!found) return null
  const least = Number(found[1])
  const most = found[2] === undefined ? least : found[3] ? Number(found[3]) : Number.POSITIVE_INFINITY
  if (least > REPEAT_MOST || (most !== Number.POSITIVE_INFINITY && most > REPEAT_MOST))
    throw new RegexFault(`a repetition asks for more than ${REPEAT_MOST}`)
  if (most < least) throw new RegexFault('a repetition runs backwards')
  return { least, most, next: reader.at + found[0].length }
}
