import { type CheckState, checkNode } from './checks'
import { quote, SyntaxFault } from './errors'
import { impliedBy, isExtension } from './extensions'
import { SIEVE_LIMITS } from './limits'
import { matchOf } from './match-type'
import { parse } from './parser'
import type { Node } from './program'
import { type Notes, readArguments } from './shape'
import { COMMANDS, type Spec, TESTS } from './specs'
import type { SyntaxNode } from './syntax'
import type { CompileError, CompileResult } from './types'

interface Compiler extends CheckState {
  required: Set<string>
  errors: CompileError[]
  warnings: string[]
}

/** Instructions of all constant regular expressions: about 20 ms. */
const REGEX_ROOM = 300_000

/**
 * Compiles a script, or says what is wrong with it, by line (RFC 5228 2.10.4, 8). Never throws; bounded by
 * `SIEVE_LIMITS.scriptBytes`, `nesting` and `nodes`. Warnings name what is allowed and surely not meant.
 */
export function compileScript(text: string): CompileResult {
  if (Buffer.byteLength(text) > SIEVE_LIMITS.scriptBytes)
    return failed([
      { line: 1, message: `The script is too long: at most ${SIEVE_LIMITS.scriptBytes} octets are allowed` },
    ])
  let tree: SyntaxNode[]
  try {
    tree = parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return failed([{ line: error.line, message: error.message }])
  }
  const compiler: Compiler = { required: new Set(), named: new Set(), regexRoom: REGEX_ROOM, errors: [], warnings: [] }
  const commands = compileBlock(compiler, tree, true)
  if (compiler.errors.length > 0) return failed(compiler.errors)
  const program = { commands, variables: compiler.required.has('variables') }
  return { ok: true, script: { program, extensions: [...compiler.required] }, warnings: compiler.warnings }
}

const failed = (errors: CompileError[]): CompileResult => ({ ok: false, errors: errors.slice(0, SIEVE_LIMITS.errors) })

function fail(compiler: Compiler, line: number, message: string): void {
  if (compiler.errors.length < SIEVE_LIMITS.errors) compiler.errors.push({ line, message })
}

function compileBlock(compiler: Compiler, tree: readonly SyntaxNode[], top: boolean): Node[] {
  const commands: Node[] = []
  let requires = top
  let before = ''
  for (const node of tree) {
    if (compiler.errors.length >= SIEVE_LIMITS.errors) break
    if (node.name === 'require') {
      // RFC 5228 3.2: only at the beginning, so that a script is known to run or not to.
      if (!requires) fail(compiler, node.line, '"require" stands only at the beginning of a script')
      readRequire(compiler, node)
      continue
    }
    requires = false
    if ((node.name === 'elsif' || node.name === 'else') && before !== 'if' && before !== 'elsif')
      fail(compiler, node.line, `"${node.name}" without an "if" or "elsif" before it`)
    before = node.name
    commands.push(compileNode(compiler, node, false))
  }
  return commands
}

function readRequire(compiler: Compiler, node: SyntaxNode): void {
  const arg = node.args[0]
  if (
    node.args.length !== 1 ||
    node.tests.length > 0 ||
    node.block ||
    (arg?.kind !== 'string' && arg?.kind !== 'list')
  ) {
    fail(compiler, node.line, '"require" takes one argument: expected a string or a list of strings')
    return
  }
  for (const one of arg.kind === 'list' ? arg.values : [arg]) {
    if (isExtension(one.text)) requireExtension(compiler, one.text)
    else fail(compiler, one.line, `The extension ${quote(one.text)} is not supported`)
  }
}

function requireExtension(compiler: Compiler, name: string): void {
  compiler.required.add(name)
  for (const other of impliedBy(name)) compiler.required.add(other)
}

/** A command or test with all it holds. What is wrong is reported, and then the node that comes back is of no use. */
function compileNode(compiler: Compiler, syntax: SyntaxNode, test: boolean): Node {
  const { name, line } = syntax
  const kind = test ? 'test' : 'command'
  const spec = (test ? TESTS : COMMANDS).get(name)
  const notes: Notes = { errors: [], missing: [] }
  const node: Node = { name, line, tags: new Map(), args: [], match: null, tests: [], block: [], fault: null }
  if (!spec) {
    const other = (test ? COMMANDS : TESTS).has(name)
    const hint = other ? `, it is a ${test ? 'command' : 'test'}: expected a ${kind} here` : ''
    notes.missing.push({ line, message: `Unknown ${kind} ${quote(name)}${hint}` })
    return finish(compiler, node, notes)
  }
  if (spec.needs.length > 0 && !spec.needs.some((need) => compiler.required.has(need)))
    notes.missing.push({ line, message: `"${name}" needs the extension "${spec.needs[0]}": add it to "require"` })
  const shaped = readArguments(syntax, spec, compiler.required, notes)
  node.tags = shaped.tags
  node.args = shaped.args
  checkStructure(syntax, spec, notes, test)
  if (shaped.tags.has(':comparator') || ':is' in spec.tags)
    node.match = matchOf(node, compiler.required, notes, compiler.warnings)
  if (notes.errors.length === 0 && notes.missing.length === 0)
    checkNode(node, (message) => notes.errors.push({ line, message }), compiler)
  const whole = finish(compiler, node, notes)
  if (whole.fault !== null) return whole
  if (name === 'ihave') for (const text of constantsOf(node)) if (isExtension(text)) requireExtension(compiler, text)
  node.tests = syntax.tests.map((one) => compileNode(compiler, one, true))
  node.block = syntax.block ? compileBlock(compiler, syntax.block, false) : []
  return node
}

const constantsOf = (node: Node): string[] => {
  const arg = node.args[0]
  return arg?.kind === 'strings' ? arg.values.filter((value) => typeof value === 'string') : []
}

/**
 * Reports what was noted. Under `ihave`, what only an extension would explain is an error when it is reached, not
 * before (RFC 5463 4): a script may ask for the extension and go round it.
 */
function finish(compiler: Compiler, node: Node, notes: Notes): Node {
  const missing = notes.missing[0]
  if (missing && compiler.required.has('ihave')) return { ...node, name: '$fault', match: null, fault: missing.message }
  for (const { line, message } of [...notes.missing, ...notes.errors]) fail(compiler, line, message)
  return node
}

function checkStructure(syntax: SyntaxNode, spec: Spec, notes: Notes, test: boolean): void {
  const { name, line, tests, listed, block } = syntax
  const error = (message: string) => notes.errors.push({ line, message })
  switch (spec.tests) {
    case 'none':
      // Where a semicolon is missing, the next command looks like a test.
      if (tests.length > 0) error(`"${name}" takes no test: expected ${spec.block ? '"{"' : test ? 'nothing' : '";"'}`)
      break
    case 'one':
      if (tests.length !== 1 || listed) error(`"${name}" takes one test, without parentheses`)
      break
    case 'list':
      if (!listed) error(`"${name}" takes a list of tests: expected "("`)
      break
  }
  if (test) return
  if (spec.block && !block) error(`"${name}" takes a block: expected "{"`)
  if (!spec.block && block) error(`"${name}" takes no block: expected ";"`)
}
