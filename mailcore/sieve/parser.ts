import { SyntaxFault } from './errors'
import { Lexer, type Token } from './lexer'
import { SIEVE_LIMITS } from './limits'
import { type SyntaxArg, type SyntaxNode, tokenName } from './syntax'

interface Parser {
  lexer: Lexer
  token: Token
  nodes: number
}

/** The syntax tree of a script (RFC 5228 8.2). Recursion is bounded by `SIEVE_LIMITS.nesting`. Throws SyntaxFault. */
export function parse(text: string): SyntaxNode[] {
  const lexer = new Lexer(text)
  const parser: Parser = { lexer, token: lexer.next(), nodes: 0 }
  const commands = parseCommands(parser, 0)
  if (parser.token.kind !== 'end')
    throw new SyntaxFault(parser.token.line, `Unexpected ${tokenName(parser.token)}: expected a command`)
  return commands
}

const advance = (parser: Parser): void => {
  parser.token = parser.lexer.next()
}

const isMark = (token: Token, text: string): boolean => token.kind === 'mark' && token.text === text

function countNode(parser: Parser, line: number): void {
  if (++parser.nodes > SIEVE_LIMITS.nodes)
    throw new SyntaxFault(line, `This script is too long: at most ${SIEVE_LIMITS.nodes} commands and tests are allowed`)
}

function checkDepth(line: number, depth: number): void {
  if (depth > SIEVE_LIMITS.nesting)
    throw new SyntaxFault(
      line,
      `Blocks or tests are nested too deep: at most ${SIEVE_LIMITS.nesting} levels are allowed`,
    )
}

function parseCommands(parser: Parser, depth: number): SyntaxNode[] {
  checkDepth(parser.token.line, depth)
  const commands: SyntaxNode[] = []
  while (parser.token.kind === 'word') commands.push(parseCommand(parser, depth))
  return commands
}

function parseCommand(parser: Parser, depth: number): SyntaxNode {
  const node = parseHead(parser, depth)
  if (isMark(parser.token, '{')) {
    const line = parser.token.line
    advance(parser)
    node.block = parseCommands(parser, depth + 1)
    if (!isMark(parser.token, '}')) {
      const unclosed = parser.token.kind === 'end' ? ` (the block opened in line ${line} is not closed)` : ''
      throw new SyntaxFault(
        parser.token.line,
        `Unexpected ${tokenName(parser.token)}: expected a command or "}"${unclosed}`,
      )
    }
    advance(parser)
    return node
  }
  if (!isMark(parser.token, ';'))
    throw new SyntaxFault(
      parser.token.line,
      `Unexpected ${tokenName(parser.token)} after "${node.name.slice(0, 40)}": expected ";" or "{"`,
    )
  advance(parser)
  return node
}

/** `identifier *argument [test / test-list]`, which commands and tests have in common. */
function parseHead(parser: Parser, depth: number): SyntaxNode {
  const token = parser.token
  if (token.kind !== 'word') throw new SyntaxFault(token.line, `Unexpected ${tokenName(token)}: expected a test`)
  countNode(parser, token.line)
  advance(parser)
  const node: SyntaxNode = { name: token.text, line: token.line, args: [], tests: [], listed: false, block: null }
  for (let arg = parseArg(parser); arg !== null; arg = parseArg(parser)) node.args.push(arg)
  if (isMark(parser.token, '(')) {
    node.listed = true
    advance(parser)
    parseTestList(parser, node, depth)
  } else if (parser.token.kind === 'word') {
    checkDepth(parser.token.line, depth + 1)
    node.tests.push(parseHead(parser, depth + 1))
  }
  return node
}

function parseTestList(parser: Parser, node: SyntaxNode, depth: number): void {
  checkDepth(parser.token.line, depth + 1)
  for (;;) {
    node.tests.push(parseHead(parser, depth + 1))
    const more = isMark(parser.token, ',')
    if (!more && !isMark(parser.token, ')'))
      throw new SyntaxFault(parser.token.line, `Unexpected ${tokenName(parser.token)}: expected "," or ")"`)
    advance(parser)
    if (!more) return
  }
}

function parseArg(parser: Parser): SyntaxArg | null {
  const token = parser.token
  switch (token.kind) {
    case 'number':
    case 'string':
    case 'tag':
      advance(parser)
      return token
    case 'mark':
      return token.text === '[' ? parseList(parser) : null
    case 'word':
    case 'end':
      return null
  }
}

function parseList(parser: Parser): SyntaxArg {
  const line = parser.token.line
  const values: { line: number; text: string }[] = []
  advance(parser)
  for (;;) {
    const token = parser.token
    if (token.kind !== 'string')
      throw new SyntaxFault(token.line, `Unexpected ${tokenName(token)} in a list: expected a string`)
    values.push({ line: token.line, text: token.text })
    if (values.length > SIEVE_LIMITS.listStrings)
      throw new SyntaxFault(
        token.line,
        `This list is too long: at most ${SIEVE_LIMITS.listStrings} strings are allowed`,
      )
    advance(parser)
    const more = isMark(parser.token, ',')
    if (!more && !isMark(parser.token, ']'))
      throw new SyntaxFault(parser.token.line, `Unexpected ${tokenName(parser.token)} in a list: expected "," or "]"`)
    advance(parser)
    if (!more) return { kind: 'list', line, values }
  }
}
