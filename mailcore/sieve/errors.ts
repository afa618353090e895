/** A script that cannot be read any further: thrown by lexer and parser, caught by the compiler. */
export class SyntaxFault extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.name = 'SyntaxFault'
    this.line = line
  }
}

/** A script that went wrong while it ran (RFC 5228 2.10.6): caught by `runScript` alone. */
export class RunFault extends Error {
  /** Filled in by the command at which it happened */
  line: number | undefined
  /** The included script at fault; undefined for the one that was started */
  script: string | undefined

  constructor(message: string, line?: number) {
    super(message)
    this.name = 'RunFault'
    this.line = line
  }
}

/** A few characters of a script for a message about it. */
export function quote(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
  return `"${clean.length > 40 ? `${clean.slice(0, 40)}…` : clean}"`
}
