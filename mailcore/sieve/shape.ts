import { quote } from './errors'
import type { Arg, Text } from './program'
import type { Spec, TagSpec } from './specs'
import { decodeEncoded, parseTemplate } from './strings'
import type { SyntaxArg, SyntaxNode } from './syntax'
import type { CompileError } from './types'

/** What is wrong with one command or test; `missing`: what an extension would explain. */
export interface Notes {
  errors: CompileError[]
  missing: CompileError[]
}

interface Shape {
  tags: Map<string, Arg | null>
  args: Arg[]
}

interface Reader {
  syntax: SyntaxNode
  spec: Spec
  required: ReadonlySet<string>
  notes: Notes
  shape: Shape
}

/** Sorts the arguments of a command or test into tags and positional ones and checks each against the spec (RFC 5228 2.6). */
export function readArguments(syntax: SyntaxNode, spec: Spec, required: ReadonlySet<string>, notes: Notes): Shape {
  const reader: Reader = { syntax, spec, required, notes, shape: { tags: new Map(), args: [] } }
  const positional: SyntaxArg[] = []
  for (let i = 0; i < syntax.args.length; i++) {
    const arg = syntax.args[i]
    if (!arg) break
    if (arg.kind !== 'tag') positional.push(arg)
    else {
      if (positional.length > 0)
        notes.errors.push({
          line: arg.line,
          message: `The tag "${arg.text}" stands behind an argument: tags come first`,
        })
      i += readTag(reader, arg, syntax.args[i + 1])
    }
  }
  readPositional(reader, positional)
  if (spec.oneOf && !spec.oneOf.some((tag) => reader.shape.tags.has(tag)))
    notes.errors.push({
      line: syntax.line,
      message: `"${syntax.name}" needs one of ${spec.oneOf.map((tag) => `"${tag}"`).join(', ')}`,
    })
  return reader.shape
}

/** Reads a tag and its argument; returns how many arguments it took. */
function readTag(reader: Reader, tag: { line: number; text: string }, next: SyntaxArg | undefined): number {
  const { notes, syntax, shape, required } = reader
  const { text, line } = tag
  const known = Object.hasOwn(reader.spec.tags, text) ? reader.spec.tags[text] : undefined
  if (!known) {
    notes.missing.push({ line, message: `Unknown tag ${quote(text)} for "${syntax.name}"` })
    return 0
  }
  if (known.needs && !required.has(known.needs))
    notes.missing.push({ line, message: `The tag "${text}" needs the extension "${known.needs}": add it to "require"` })
  if (shape.tags.has(text)) notes.errors.push({ line, message: `The tag "${text}" stands twice` })
  const rival = rivalOf(reader, text, known)
  if (rival) notes.errors.push({ line, message: `"${text}" cannot stand beside "${rival}": both are a ${known.group}` })
  if (known.arg === 'none') {
    shape.tags.set(text, null)
    return 0
  }
  const arg = next && next.kind !== 'tag' ? readArg(reader, next, known.arg) : null
  if (!arg) notes.errors.push({ line, message: `The tag "${text}" takes an argument: expected ${KINDS[known.arg]}` })
  shape.tags.set(text, arg)
  return next && next.kind !== 'tag' ? 1 : 0
}

const rivalOf = (reader: Reader, text: string, known: TagSpec): string | undefined =>
  known.group === undefined
    ? undefined
    : [...reader.shape.tags.keys()].find((other) => other !== text && reader.spec.tags[other]?.group === known.group)

const KINDS = { string: 'a string', strings: 'a string or a list of strings', number: 'a number' } as const

function readPositional(reader: Reader, positional: readonly SyntaxArg[]): void {
  const { spec, syntax, notes } = reader
  const row = spec.args.find((one) => one.length === positional.length)
  if (!row) {
    const counts = spec.args.map((one) => (one.length === 0 ? 'no' : String(one.length))).join(' or ')
    const expected = spec.args[0]?.map((kind) => KINDS[kind]).join(', then ')
    notes.errors.push({
      line: syntax.line,
      message: `"${syntax.name}" takes ${counts} argument${counts === '1' ? '' : 's'} and has ${positional.length}${expected ? `: expected ${expected}` : ''}`,
    })
    return
  }
  for (const [i, kind] of row.entries()) {
    const given = positional[i]
    const arg = given ? readArg(reader, given, kind) : null
    if (arg) reader.shape.args.push(arg)
    else
      notes.errors.push({
        line: given?.line ?? syntax.line,
        message: `Argument ${i + 1} of "${syntax.name}" is ${argumentName(given)}: expected ${KINDS[kind]}`,
      })
  }
}

function argumentName(arg: SyntaxArg | undefined): string {
  switch (arg?.kind) {
    case 'number':
      return 'a number'
    case 'string':
      return 'a string'
    case 'list':
      return 'a list'
    default:
      return 'missing'
  }
}

/** An argument of the kind wanted, or null where it is of another. */
function readArg(reader: Reader, arg: SyntaxArg, kind: 'string' | 'strings' | 'number'): Arg | null {
  if (arg.kind === 'number') return kind === 'number' ? { kind: 'number', value: arg.value } : null
  if (arg.kind === 'string' && kind !== 'number') return { kind: 'strings', values: [readText(reader, arg)] }
  if (arg.kind === 'list' && kind === 'strings')
    return { kind: 'strings', values: arg.values.map((one) => readText(reader, one)) }
  return null
}

const GLOBAL: ReadonlySet<string> = new Set(['global'])
const NO_NAMESPACE: ReadonlySet<string> = new Set()

/** A string with what the required extensions put into it: encoded characters first, then variables. */
function readText(reader: Reader, written: { line: number; text: string }): Text {
  const { required, notes } = reader
  let text = written.text
  if (required.has('encoded-character')) {
    const decoded = decodeEncoded(text)
    if (decoded === null)
      notes.errors.push({ line: written.line, message: 'An encoded character of this string does not exist' })
    else text = decoded
  }
  if (!required.has('variables')) return text
  const template = parseTemplate(text, required.has('include') ? GLOBAL : NO_NAMESPACE)
  if (template.ok) return template.text
  notes.errors.push({ line: written.line, message: template.message })
  return text
}
