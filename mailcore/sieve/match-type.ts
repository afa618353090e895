import { quote } from './errors'
import type { Comparator, Match, Node, Relation } from './program'
import type { Notes } from './shape'

const COMPARATORS = new Map<string, Comparator>([
  ['i;octet', 'i;octet'],
  ['i;ascii-casemap', 'i;ascii-casemap'],
  ['i;unicode-casemap', 'i;unicode-casemap'],
  ['i;ascii-numeric', 'i;ascii-numeric'],
])

const RELATIONS = new Map<string, Relation>([
  ['gt', 'gt'],
  ['ge', 'ge'],
  ['lt', 'lt'],
  ['le', 'le'],
  ['eq', 'eq'],
  ['ne', 'ne'],
])

const TYPES = ['is', 'contains', 'matches', 'regex', 'count', 'value'] as const

/** The comparison a test's tags ask for (RFC 5228 2.7, RFC 5231 4); `:is` by `i;ascii-casemap` where they say nothing. */
export function matchOf(node: Node, required: ReadonlySet<string>, notes: Notes, warnings: string[]): Match {
  const type = TYPES.find((one) => node.tags.has(`:${one}`)) ?? 'is'
  const comparator = comparatorOf(node, required, notes)
  // RFC 4790 9.1: numbers have no substrings.
  if (comparator === 'i;ascii-numeric' && (type === 'contains' || type === 'matches' || type === 'regex'))
    notes.errors.push({ line: node.line, message: `The comparator "i;ascii-numeric" cannot be used with ":${type}"` })
  if (type === 'count' && comparator !== 'i;ascii-numeric')
    warn(warnings, node, '":count" without the comparator "i;ascii-numeric" compares numbers as words')
  return { type, relation: relationOf(node, type, notes), comparator }
}

const WARNINGS_MOST = 20

function warn(warnings: string[], node: Node, message: string): void {
  if (warnings.length < WARNINGS_MOST) warnings.push(`Line ${node.line}: ${message}`)
}

/** The string of a tag, null where it holds variables: how to compare must be known before the script runs. */
function constantOf(node: Node, tag: string, notes: Notes): string | null {
  const arg = node.tags.get(tag)
  const text = arg?.kind === 'strings' ? arg.values[0] : undefined
  if (typeof text === 'string') return text
  notes.errors.push({ line: node.line, message: `The argument of "${tag}" cannot come from a variable` })
  return null
}

function comparatorOf(node: Node, required: ReadonlySet<string>, notes: Notes): Comparator {
  const byDefault = 'i;ascii-casemap'
  if (!node.tags.has(':comparator')) return byDefault
  const name = constantOf(node, ':comparator', notes)
  if (name === null) return byDefault
  const comparator = COMPARATORS.get(name)
  const needs = `comparator-${name}`
  if (!comparator) notes.missing.push({ line: node.line, message: `Unknown comparator ${quote(name)}` })
  else if (comparator !== 'i;octet' && comparator !== byDefault && !required.has(needs))
    notes.missing.push({ line: node.line, message: `The comparator "${name}" needs "${needs}": add it to "require"` })
  return comparator ?? byDefault
}

function relationOf(node: Node, type: Match['type'], notes: Notes): Relation {
  if (type !== 'count' && type !== 'value') return 'eq'
  const name = constantOf(node, `:${type}`, notes)
  const relation = RELATIONS.get(name?.toLowerCase() ?? '')
  if (name !== null && !relation)
    notes.errors.push({
      line: node.line,
      message: `Unknown relation ${quote(name)}: expected "gt", "ge", "lt", "le", "eq" or "ne"`,
    })
  return relation ?? 'eq'
}
