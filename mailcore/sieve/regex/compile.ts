import { SIEVE_LIMITS } from '../limits'
import { type Assertion, type CharSet, RegexFault, type RegexNode } from './ast'
import { parseRegex } from './parse'

/** How case is ignored: not at all, of ASCII letters, of all letters. */
export type Folding = 'none' | 'ascii' | 'unicode'

/** One step of the machine; `next` and `other` are indexes, the first preferred. */
export type Instruction =
  | { kind: 'set'; set: CharSet }
  | { kind: 'any' }
  | { kind: 'assert'; what: Assertion }
  | { kind: 'split'; next: number; other: number }
  | { kind: 'jump'; next: number }
  | { kind: 'save'; slot: number }
  | { kind: 'match' }

export interface Regex {
  instructions: readonly Instruction[]
  /** Two for the whole and two for each group remembered */
  slots: number
  folding: Folding
}

/** Makes an expression a program for `matchRegex`. Its size is bounded, intervals unrolled. Throws RegexFault. */
export function compileRegex(text: string, folding: Folding): Regex {
  const { node, groups } = parseRegex(text)
  const out: Instruction[] = []
  emit(out, node)
  add(out, { kind: 'match' })
  const remembered = Math.min(groups, SIEVE_LIMITS.matchVariables - 1)
  return { instructions: out, slots: 2 * (remembered + 1), folding }
}

function add(out: Instruction[], instruction: Instruction): number {
  if (out.length >= SIEVE_LIMITS.regexInstructions) throw new RegexFault('the expression is too large')
  return out.push(instruction) - 1
}

function emit(out: Instruction[], node: RegexNode): void {
  switch (node.kind) {
    case 'set':
    case 'any':
    case 'assert':
      add(out, node)
      return
    case 'sequence':
      for (const one of node.nodes) emit(out, one)
      return
    case 'choice':
      emitChoice(out, node.nodes)
      return
    case 'group':
      if (node.index > 0) add(out, { kind: 'save', slot: 2 * node.index })
      emit(out, node.node)
      if (node.index > 0) add(out, { kind: 'save', slot: 2 * node.index + 1 })
      return
    case 'repeat':
      emitRepeat(out, node.node, node.least, node.most)
      return
  }
}

function emitChoice(out: Instruction[], nodes: readonly RegexNode[]): void {
  const jumps: number[] = []
  for (const [i, node] of nodes.entries()) {
    if (i === nodes.length - 1) {
      emit(out, node)
      break
    }
    const split = add(out, { kind: 'split', next: out.length + 1, other: 0 })
    emit(out, node)
    jumps.push(add(out, { kind: 'jump', next: 0 }))
    out[split] = { kind: 'split', next: split + 1, other: out.length }
  }
  for (const jump of jumps) out[jump] = { kind: 'jump', next: out.length }
}

function emitRepeat(out: Instruction[], node: RegexNode, least: number, most: number): void {
  for (let i = 0; i < least; i++) {
    const before = out.length
    emit(out, node)
    // What repeats nothing costs nothing more the second time: () {255} nested would loop here for ever.
    if (out.length === before) return
  }
  if (most === Number.POSITIVE_INFINITY) {
    const split = add(out, { kind: 'split', next: out.length + 1, other: 0 })
    emit(out, node)
    add(out, { kind: 'jump', next: split })
    out[split] = { kind: 'split', next: split + 1, other: out.length }
    return
  }
  const splits: number[] = []
  for (let i = least; i < most; i++) {
    splits.push(add(out, { kind: 'split', next: 0, other: 0 }))
    emit(out, node)
  }
  for (const split of splits) out[split] = { kind: 'split', next: split + 1, other: out.length }
}
