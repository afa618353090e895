import type { Outcome } from './actions'
import type { Budget } from './budget'
import { RunFault } from './errors'
import { readFlags } from './flags'
import { SIEVE_LIMITS } from './limits'
import type { MessageView } from './message'
import type { Arg, Node, Program, Text, TextPart } from './program'
import type { Regex } from './regex/compile'
import { cutBytes, expandText } from './strings'
import type { SieveEnv } from './types'

/** What all scripts of one run share. */
export interface Run {
  env: SieveEnv
  budget: Budget
  message: MessageView
  outcome: Outcome
  /** The internal variable of RFC 5232 2; null until a script touches it */
  flags: string[] | null
  /** Variables of the namespace `global` (RFC 6609 3.4) */
  globals: Map<string, string>
  /** Names of scripts that were included */
  included: Set<string>
  includedScripts: number
  includedBytes: number
  /** Answers of `duplicate` by key: within one run they do not change (RFC 7352 3) */
  duplicates: Map<string, boolean>
  regexes: Map<string, Regex>
}

/** What belongs to one script of the run. */
export interface Frame {
  run: Run
  program: Program
  /** Names of the scripts that led here, the first being none */
  trail: readonly string[]
  variables: Map<string, string>
  /** Names that `global` has made mean the shared variable */
  shared: Set<string>
  /** `${0}` and on */
  matches: readonly string[]
}

/** All strings of one list together, once their variables stand in them. */
const LIST_BYTES = 4 * 1024 * 1024

function lookUp(frame: Frame, part: Exclude<TextPart, string>): string {
  if ('match' in part) return frame.matches[part.match] ?? ''
  return getVariable(frame, part.variable)
}

/** A variable's value, '' where it was never set (RFC 5229 3). `name` in lower case. */
export function getVariable(frame: Frame, name: string): string {
  const shared = name.startsWith('global.') ? name.slice('global.'.length) : frame.shared.has(name) ? name : null
  return (shared === null ? frame.variables.get(name) : frame.run.globals.get(shared)) ?? ''
}

/** Sets a variable, cut to the greatest length one may have. Throws RunFault when there are too many. */
export function setVariable(frame: Frame, name: string, value: string): void {
  const key = name.toLowerCase()
  const shared = key.startsWith('global.') ? key.slice('global.'.length) : frame.shared.has(key) ? key : null
  const store = shared === null ? frame.variables : frame.run.globals
  const own = shared ?? key
  if (!store.has(own) && store.size >= SIEVE_LIMITS.variables)
    throw new RunFault(`Too many variables: at most ${SIEVE_LIMITS.variables} are allowed`)
  store.set(own, cutBytes(value, SIEVE_LIMITS.variableBytes))
}

/** One string with its variables put in. */
export function textIn(frame: Frame, text: Text): string {
  const out = expandText(text, (part) => lookUp(frame, part))
  frame.run.budget.spend(typeof text === 'string' ? 1 : 8 + out.length / 4)
  return out
}

/** Strings of an argument; none where it is missing. */
export function textsIn(frame: Frame, arg: Arg | null | undefined): string[] {
  if (arg?.kind !== 'strings') return []
  let bytes = 0
  return arg.values.map((value) => {
    const text = textIn(frame, value)
    if (typeof value !== 'string') bytes += text.length
    if (bytes > LIST_BYTES) throw new RunFault('The strings of a list are too long altogether')
    return text
  })
}

/** The string argument at `index`, or of a tag. */
export const oneText = (frame: Frame, arg: Arg | null | undefined): string => textsIn(frame, arg)[0] ?? ''

/** The string of a tag, undefined where the tag does not stand. */
export const tagText = (frame: Frame, node: Node, tag: string): string | undefined =>
  node.tags.has(tag) ? oneText(frame, node.tags.get(tag)) : undefined

/** The number of a tag, undefined where the tag does not stand. */
export function tagNumber(node: Node, tag: string): number | undefined {
  const arg = node.tags.get(tag)
  return arg?.kind === 'number' ? arg.value : undefined
}

/** Flags held in a variable, or in the internal one for null (RFC 5232 2). */
export function flagsIn(frame: Frame, variable: string | null): string[] {
  if (variable === null) return frame.run.flags ?? []
  return readFlags([getVariable(frame, variable.toLowerCase())])
}
