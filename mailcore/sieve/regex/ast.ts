/** A set of characters: code points in sorted ranges, both ends included, and whether it means all others. */
export interface CharSet {
  ranges: readonly (readonly [number, number])[]
  negated: boolean
}

/** A regular expression as a tree (POSIX.1 9.4, extended). */
export type RegexNode =
  | { kind: 'set'; set: CharSet }
  | { kind: 'any' }
  | { kind: 'assert'; what: Assertion }
  | { kind: 'sequence'; nodes: RegexNode[] }
  | { kind: 'choice'; nodes: RegexNode[] }
  /** `index` from 1; 0 for a group that is too far on to be remembered */
  | { kind: 'group'; index: number; node: RegexNode }
  | { kind: 'repeat'; node: RegexNode; least: number; most: number }

export type Assertion = 'start' | 'end' | 'wordStart' | 'wordEnd' | 'wordEdge' | 'noWordEdge'

/** An expression that cannot be read; the message is meant for the script's owner. */
export class RegexFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RegexFault'
  }
}
