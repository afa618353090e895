import type { Token } from './lexer'

/** An argument as it was written, with the line where it starts. */
export type SyntaxArg =
  | { kind: 'number'; line: number; value: number }
  | { kind: 'string'; line: number; text: string }
  | { kind: 'list'; line: number; values: { line: number; text: string }[] }
  | { kind: 'tag'; line: number; text: string }

/** A command or a test before any meaning is looked for (RFC 5228 8.2). */
export interface SyntaxNode {
  /** Lower case */
  name: string
  line: number
  args: SyntaxArg[]
  tests: SyntaxNode[]
  /** Whether the tests stood in parentheses */
  listed: boolean
  /** Null where the command ended in a semicolon; always null for tests */
  block: SyntaxNode[] | null
}

/** A token in the words of an error message. */
export function tokenName(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the script'
    case 'mark':
    case 'tag':
      return `"${token.text.slice(0, 40)}"`
    case 'word':
      return `the word "${token.text.slice(0, 40)}"`
    case 'number':
      return `the number ${token.value}`
    case 'string':
      return 'a string'
  }
}
