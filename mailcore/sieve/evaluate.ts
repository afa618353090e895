import { addressPart, addressPartOf, envelopePart } from './addresses'
import { bodyContents, bodyTexts, rawBody } from './body'
import { type Frame, flagsIn, getVariable, oneText, tagNumber, textsIn } from './context'
import { datePart, headerDate, readZone } from './dates'
import { isDuplicate } from './duplicate'
import { RunFault } from './errors'
import { isExtension } from './extensions'
import { readFlags } from './flags'
import { matchAny } from './matching'
import type { Match, Node } from './program'

const BY_DEFAULT: Match = { type: 'is', relation: 'eq', comparator: 'i;ascii-casemap' }

/** Whether a test holds. Recursion is as deep as the script is nested. Throws RunFault. */
export async function evaluate(frame: Frame, node: Node): Promise<boolean> {
  const { budget } = frame.run
  budget.step()
  if (budget.due()) await budget.breathe()
  try {
    switch (node.name) {
      case 'not':
        return !(await evaluateOne(frame, node))
      case 'allof':
        for (const test of node.tests) if (!(await evaluate(frame, test))) return false
        return true
      case 'anyof':
        for (const test of node.tests) if (await evaluate(frame, test)) return true
        return false
      default:
        return await evaluateLeaf(frame, node)
    }
  } catch (error) {
    if (error instanceof RunFault) error.line ??= node.line
    throw error
  }
}

/** The single test of `if`, `elsif` and `not`. */
export async function evaluateOne(frame: Frame, node: Node): Promise<boolean> {
  const test = node.tests[0]
  return test !== undefined && (await evaluate(frame, test))
}

function evaluateLeaf(frame: Frame, node: Node): boolean | Promise<boolean> {
  const { env, message } = frame.run
  switch (node.name) {
    case 'true':
      return true
    case 'false':
      return false
    case 'exists':
      return textsIn(frame, node.args[0]).every((name) => message.has(name))
    case 'size':
      return testSize(node, message.size)
    case 'ihave':
      return textsIn(frame, node.args[0]).every(isExtension)
    case 'mailboxexists':
      return every(textsIn(frame, node.args[0]), (path) => env.mailboxExists(path))
    case 'mailboxidexists':
      return every(textsIn(frame, node.args[0]), async (id) => (await env.mailboxIdExists?.(id)) ?? false)
    case 'specialuse_exists': {
      const path = node.args.length > 1 ? oneText(frame, node.args[0]) : undefined
      return every(textsIn(frame, node.args.at(-1)), (flag) => env.specialUseExists(flag, path))
    }
    case 'duplicate':
      return isDuplicate(frame, node)
    case '$fault':
      throw new RunFault(node.fault ?? 'This test is not valid')
    default:
      return evaluateMatch(frame, node, node.match ?? BY_DEFAULT)
  }
}

/** Tests that compare values with keys, the last argument. */
function evaluateMatch(frame: Frame, node: Node, match: Match): Promise<boolean> {
  const keys = textsIn(frame, node.args.at(-1))
  switch (node.name) {
    case 'header':
      return matchAny(frame, match, headerValues(frame, node), keys)
    case 'address':
      return matchAny(frame, match, addressValues(frame, node), keys)
    case 'envelope':
      return matchAny(frame, match, envelopeValues(frame, node, match), keys)
    case 'string': {
      const values = textsIn(frame, node.args[0])
      // RFC 5229 5: empty strings are not counted.
      return matchAny(frame, match, match.type === 'count' ? values.filter((value) => value !== '') : values, keys)
    }
    case 'hasflag':
      return testFlags(frame, node, match, keys)
    case 'body':
      // RFC 5173 6: wildcards in a body set no variables.
      return matchAny(frame, match, bodyValues(frame, node), keys, true)
    case 'date':
      return matchAny(frame, match, dateValues(frame, node), keys)
    case 'currentdate': {
      const zone = readZone(oneText(frame, node.tags.get(':zone'))) ?? 0
      const now = { at: frame.run.env.now, zoneMinutes: zone }
      return matchAny(frame, match, [datePart(now, oneText(frame, node.args[0]))], keys)
    }
    case 'environment':
      return testEnvironment(frame, node, match, keys)
    default:
      throw new RunFault(`The test "${node.name}" is not implemented`)
  }
}

async function every(texts: readonly string[], holds: (text: string) => Promise<boolean>): Promise<boolean> {
  for (const text of texts) if (!(await holds(text))) return false
  return true
}

function testSize(node: Node, size: number): boolean {
  const arg = node.args[0]
  const limit = arg?.kind === 'number' ? arg.value : 0
  // RFC 5228 5.9: exactly the limit is neither over nor under it.
  return node.tags.has(':over') ? size > limit : size < limit
}

/** RFC 5260 6: the n-th of the fields of one name, from 1, or from the last. */
function indexed<T>(node: Node, values: readonly T[]): readonly T[] {
  const index = tagNumber(node, ':index')
  if (index === undefined) return values
  const at = node.tags.has(':last') ? values.length - index : index - 1
  return at >= 0 ? values.slice(at, at + 1) : []
}

function* headerValues(frame: Frame, node: Node): Generator<string> {
  for (const name of new Set(textsIn(frame, node.args[0]).map((one) => one.toLowerCase())))
    yield* indexed(node, frame.run.message.values(name))
}

function* addressValues(frame: Frame, node: Node): Generator<string> {
  const part = addressPartOf(node)
  for (const name of new Set(textsIn(frame, node.args[0]).map((one) => one.toLowerCase()))) {
    for (const address of indexed(node, frame.run.message.addresses(name)).flat()) {
      const value = addressPart(address, part)
      if (value !== null) yield value
    }
  }
}

function* envelopeValues(frame: Frame, node: Node, match: Match): Generator<string> {
  const { from, to } = frame.run.env.envelope
  const part = addressPartOf(node)
  for (const name of textsIn(frame, node.args[0])) {
    const key = name.toLowerCase()
    if (key !== 'from' && key !== 'to') throw new RunFault('Unknown part of the envelope: expected "from" or "to"')
    for (const address of key === 'from' ? [from] : to) {
      // RFC 5231 4.2.1 counts addresses, and the null reverse-path is none.
      const value = address === '' && match.type === 'count' ? null : envelopePart(address, part)
      if (value !== null) yield value
    }
  }
}

function bodyValues(frame: Frame, node: Node): Iterable<string> {
  const { message } = frame.run
  if (node.tags.has(':raw')) return [rawBody(message)]
  if (node.tags.has(':content')) return bodyContents(message, textsIn(frame, node.tags.get(':content')))
  return bodyTexts(message)
}

function* dateValues(frame: Frame, node: Node): Generator<string> {
  const part = oneText(frame, node.args[1])
  for (const value of indexed(node, frame.run.message.values(oneText(frame, node.args[0])))) {
    const date = headerDate(value)
    if (!date) continue
    const zone = node.tags.has(':originalzone') ? date.zoneMinutes : readZone(oneText(frame, node.tags.get(':zone')))
    yield datePart({ at: date.at, zoneMinutes: zone ?? 0 }, part)
  }
}

/** RFC 5232 4: keys may hold several flags each; in a count the flags themselves are counted. */
function testFlags(frame: Frame, node: Node, match: Match, keys: readonly string[]): Promise<boolean> {
  const values =
    node.args.length > 1
      ? textsIn(frame, node.args[0]).flatMap((name) => readFlags([getVariable(frame, name.toLowerCase())]))
      : flagsIn(frame, null)
  const exact = match.type === 'is' || match.type === 'contains'
  return matchAny(frame, match, values, exact ? keys.flatMap((key) => key.split(/\s+/).filter(Boolean)) : keys)
}

/** RFC 5183 4: an item that is not known matches nothing. */
async function testEnvironment(frame: Frame, node: Node, match: Match, keys: readonly string[]): Promise<boolean> {
  const name = oneText(frame, node.args[0]).toLowerCase()
  const items = frame.run.env.environment
  const value = Object.hasOwn(items, name) ? items[name] : name === 'name' ? 'MailTight' : undefined
  return value !== undefined && (await matchAny(frame, match, [value], keys))
}
