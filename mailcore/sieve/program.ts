/** A reference to a variable inside a string (RFC 5229 3): `${name}`, `${global.name}` or `${1}`. */
export type TextPart = string | { variable: string } | { match: number }

/** A string of the script: constant, or with variables to be put in when it is used. */
export type Text = string | readonly TextPart[]

export type Arg = { kind: 'number'; value: number } | { kind: 'strings'; values: readonly Text[] }

export type Comparator = 'i;octet' | 'i;ascii-casemap' | 'i;unicode-casemap' | 'i;ascii-numeric'

/** RFC 5231 4. */
export type Relation = 'gt' | 'ge' | 'lt' | 'le' | 'eq' | 'ne'

/** How a test compares: RFC 5228 2.7, RFC 5231, draft-ietf-sieve-regex. */
export interface Match {
  type: 'is' | 'contains' | 'matches' | 'regex' | 'count' | 'value'
  /** Of :count and :value */
  relation: Relation
  comparator: Comparator
}

/** A command or test that has passed every check of the compiler. */
export interface Node {
  /** Lower case; `$fault` is one that may not be reached (see `Node.fault`) */
  name: string
  line: number
  /** Tags by name, lower case with the colon; null where the tag takes no argument */
  tags: ReadonlyMap<string, Arg | null>
  args: readonly Arg[]
  /** Set for every test that compares */
  match: Match | null
  tests: readonly Node[]
  block: readonly Node[]
  /** What was wrong with it. Only in scripts with `ihave`, where such errors count when they are reached (RFC 5463 4) */
  fault: string | null
}

export interface Program {
  commands: readonly Node[]
  /** Whether matches set match variables (RFC 5229 3.2) */
  variables: boolean
}
