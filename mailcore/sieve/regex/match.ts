import type { Assertion, CharSet } from './ast'
import type { Folding, Instruction, Regex } from './compile'

/** Offsets of the match and its groups in the text, -1 where a group took no part. */
export type Slots = Int32Array

interface Machine {
  regex: Regex
  text: string
  capture: boolean
  /** The step at which an instruction was last put on the list: each is put there once, which makes matching linear */
  seen: Int32Array
  step: number
  work: number
}

interface Threads {
  /** Indexes of instructions that read a character or match, the preferred first */
  at: number[]
  slots: Slots[]
}

const NO_SLOTS: Slots = new Int32Array(2)

/**
 * Finds the leftmost match, and of those the longest (POSIX.1 9.1). All alternatives are followed at once, so the time
 * is at most text x expression and nothing backtracks (draft-ietf-sieve-regex 5 warns of expressions that never end).
 *
 * A generator, so that its caller may breathe: yields the states looked at since the last time, now and then.
 */
export function* matchRegex(regex: Regex, text: string, capture: boolean): Generator<number, Slots | null> {
  const machine: Machine = {
    regex,
    text,
    capture,
    seen: new Int32Array(regex.instructions.length).fill(-1),
    step: 0,
    work: 0,
  }
  let current: Threads = { at: [], slots: [] }
  let next: Threads = { at: [], slots: [] }
  let best: Slots | null = null
  const size = capture ? regex.slots : 2
  for (let at = 0; ; ) {
    if (!best) {
      const slots = new Int32Array(size).fill(-1)
      slots[0] = at
      follow(machine, current, 0, at, slots)
    }
    const code = text.codePointAt(at)
    const width = code === undefined ? 0 : code > 0xffff ? 2 : 1
    machine.step++
    for (let i = 0; i < current.at.length; i++) {
      const slots = current.slots[i] ?? NO_SLOTS
      // Once something matched, only what began at the same place may still become longer.
      if (best && (slots[0] ?? 0) > (best[0] ?? 0)) continue
      const index = current.at[i] ?? 0
      const instruction = regex.instructions[index]
      if (instruction?.kind === 'match') {
        if (!best || (slots[0] ?? 0) < (best[0] ?? 0) || at > (best[1] ?? 0)) {
          best = slots.slice()
          best[1] = at
        }
      } else if (code !== undefined && instruction && reads(instruction, code, regex.folding)) {
        follow(machine, next, index + 1, at + width, slots)
      }
    }
    machine.work += current.at.length + 1
    if (machine.work > 100_000) {
      yield machine.work
      machine.work = 0
    }
    if (code === undefined || (best && next.at.length === 0)) break
    ;[current, next] = [next, current]
    next.at.length = 0
    next.slots.length = 0
    at += width
  }
  yield machine.work
  return best
}

/** Puts what can be reached from `start` without reading on the list. An explicit stack: 4,000 splits are no recursion. */
function follow(machine: Machine, threads: Threads, start: number, at: number, slots: Slots): void {
  const stack: { index: number; slots: Slots }[] = [{ index: start, slots }]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (machine.seen[top.index] === machine.step) continue
    machine.seen[top.index] = machine.step
    machine.work++
    const instruction = machine.regex.instructions[top.index]
    if (!instruction) continue
    switch (instruction.kind) {
      case 'jump':
        stack.push({ index: instruction.next, slots: top.slots })
        break
      case 'split':
        stack.push({ index: instruction.other, slots: top.slots }, { index: instruction.next, slots: top.slots })
        break
      case 'save':
        if (machine.capture) machine.work += 4 + top.slots.length / 4
        stack.push({
          index: top.index + 1,
          slots: machine.capture ? saved(top.slots, instruction.slot, at) : top.slots,
        })
        break
      case 'assert':
        if (holds(instruction.what, machine.text, at)) stack.push({ index: top.index + 1, slots: top.slots })
        break
      case 'set':
      case 'any':
      case 'match':
        threads.at.push(top.index)
        threads.slots.push(top.slots)
        break
    }
  }
}

function saved(slots: Slots, slot: number, at: number): Slots {
  const copy = slots.slice()
  copy[slot] = at
  return copy
}

function holds(what: Assertion, text: string, at: number): boolean {
  switch (what) {
    case 'start':
      return at === 0
    case 'end':
      return at === text.length
    case 'wordStart':
      return !isWord(text, at - 1) && isWord(text, at)
    case 'wordEnd':
      return isWord(text, at - 1) && !isWord(text, at)
    case 'wordEdge':
      return isWord(text, at - 1) !== isWord(text, at)
    case 'noWordEdge':
      return isWord(text, at - 1) === isWord(text, at)
  }
}

function isWord(text: string, at: number): boolean {
  const c = at < 0 ? Number.NaN : text.charCodeAt(at)
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || c === 0x5f || (c >= 0x61 && c <= 0x7a)
}

function reads(instruction: Instruction, code: number, folding: Folding): boolean {
  if (instruction.kind === 'any') return true
  if (instruction.kind !== 'set') return false
  const { set } = instruction
  return inSet(set, code, folding) !== set.negated
}

function inSet(set: CharSet, code: number, folding: Folding): boolean {
  if (within(set, code)) return true
  if (folding === 'none') return false
  if (code < 128) {
    const letter = code | 32
    return letter >= 0x61 && letter <= 0x7a && within(set, code ^ 32)
  }
  if (folding === 'ascii') return false
  const c = String.fromCodePoint(code)
  return within(set, c.toLowerCase().codePointAt(0) ?? code) || within(set, c.toUpperCase().codePointAt(0) ?? code)
}

function within(set: CharSet, code: number): boolean {
  let low = 0
  let high = set.ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = set.ranges[middle]
    if (!range) return false
    if (code < range[0]) high = middle - 1
    else if (code > range[1]) low = middle + 1
    else return true
  }
  return false
}
