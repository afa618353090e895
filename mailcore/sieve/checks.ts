import { parseAddress } from '#mailcore/proto/address'
import { isAddressField } from './addresses'
import { isDatePart, readZone } from './dates'
import { quote } from './errors'
import { SIEVE_LIMITS } from './limits'
import { foldingOf } from './matching'
import type { Arg, Node } from './program'
import { RegexFault } from './regex/ast'
import { compileRegex } from './regex/compile'
import { isVariableName } from './strings'
import { readMailbox } from './vacation'

/** What the checks of one script share. */
export interface CheckState {
  required: ReadonlySet<string>
  /** Variables that `set` has named so far, in lower case */
  named: Set<string>
  /** Instructions that the regular expressions of the script may yet have: nothing interrupts the compiler */
  regexRoom: number
}

type Report = (message: string) => void

/** What is wrong with a folder's path, or null. */
export function mailboxFault(path: string): string | null {
  if (path.trim() === '') return 'The name of a folder is empty'
  if (Buffer.byteLength(path) > SIEVE_LIMITS.mailboxBytes)
    return `The name of a folder is too long: at most ${SIEVE_LIMITS.mailboxBytes} octets are allowed`
  return /[\p{Cc}\p{Cs}]/u.test(path) ? 'The name of a folder holds a control character' : null
}

/** RFC 5322 2.2: printable ASCII without the colon. */
const FIELD_NAME = /^[!-9;-~]+$/

/** Strings of an argument that hold no variables: the only ones known before the script runs. */
const constants = (arg: Arg | null | undefined): string[] =>
  arg?.kind === 'strings' ? arg.values.filter((value) => typeof value === 'string') : []

const isConstant = (arg: Arg | null | undefined): boolean =>
  arg?.kind === 'strings' && arg.values.every((value) => typeof value === 'string')

function checkFields(arg: Arg | undefined, report: Report): void {
  for (const name of constants(arg))
    if (!FIELD_NAME.test(name)) report(`${quote(name)} is not the name of a header field`)
}

/** Checks of single commands and tests beyond their shape. `node` has the shape its spec asks for. */
const CHECKS: ReadonlyMap<string, (node: Node, report: Report, state: CheckState) => void> = new Map([
  ['fileinto', checkFileInto],
  ['redirect', checkRedirect],
  ['vacation', checkVacation],
  ['set', checkSet],
  ['setflag', checkFlagVariables],
  ['addflag', checkFlagVariables],
  ['removeflag', checkFlagVariables],
  ['hasflag', checkFlagVariables],
  ['include', checkInclude],
  ['global', checkGlobal],
  ['exists', (node, report) => checkFields(node.args[0], report)],
  ['header', (node, report) => checkFields(node.args[0], report)],
  ['address', checkAddress],
  ['envelope', checkEnvelope],
  ['date', (node, report) => checkDate(node, report, node.args[1])],
  ['currentdate', (node, report) => checkDate(node, report, node.args[0])],
  ['ihave', checkIhave],
  ['duplicate', (node, report) => checkFields(node.tags.get(':header') ?? undefined, report)],
])

/** Reports what is wrong with the constants of a command or a test. */
export function checkNode(node: Node, report: Report, state: CheckState): void {
  CHECKS.get(node.name)?.(node, report, state)
  const index = node.tags.get(':index')
  if (index?.kind === 'number' && index.value < 1) report('":index" counts from 1')
  if (node.name !== 'duplicate' && node.tags.has(':last') && !index) report('":last" needs ":index" beside it')
  if (node.match?.type === 'regex') checkRegexes(node, report, state)
}

function checkFileInto(node: Node, report: Report): void {
  for (const path of constants(node.args[0])) {
    const fault = mailboxFault(path)
    if (fault) report(fault)
  }
  for (const flag of constants(node.tags.get(':specialuse')))
    if (!/^\\[a-z]+$/i.test(flag)) report(`${quote(flag)} is not a special use: expected one such as "\\\\Junk"`)
}

function checkRedirect(node: Node, report: Report): void {
  for (const address of constants(node.args[0]))
    if (!parseAddress(address)) report(`${quote(address)} is not an address: expected one such as "name@example.org"`)
}

function checkVacation(node: Node, report: Report): void {
  for (const text of constants(node.tags.get(':from')))
    if (readMailbox(text) === null) report(`":from" ${quote(text)} is not an address`)
  for (const text of constants(node.tags.get(':addresses')))
    if (!parseAddress(text)) report(`":addresses" holds ${quote(text)}, which is not an address`)
  for (const text of constants(node.tags.get(':handle')))
    if (Buffer.byteLength(text) > SIEVE_LIMITS.handleBytes)
      report(`":handle" is too long: at most ${SIEVE_LIMITS.handleBytes} octets are allowed`)
}

/** A variable that is written or that holds flags: its name stands in the script itself (RFC 5229 4). */
function checkVariable(arg: Arg | undefined, report: Report, state: CheckState): void {
  if (!isConstant(arg)) report('The name of a variable cannot come from a variable')
  for (const name of constants(arg)) {
    const own = state.required.has('include') && /^global\./i.test(name) ? name.slice('global.'.length) : name
    if (!isVariableName(own)) report(`${quote(name)} is not the name of a variable: expected letters, digits and "_"`)
  }
}

function checkSet(node: Node, report: Report, state: CheckState): void {
  checkVariable(node.args[0], report, state)
  for (const name of constants(node.args[0])) state.named.add(name.toLowerCase())
}

function checkFlagVariables(node: Node, report: Report, state: CheckState): void {
  if (node.args.length < 2) return
  // RFC 5232 2: without variables there is the internal one alone.
  if (!state.required.has('variables'))
    report('Flags in a variable need the extension "variables": add it to "require"')
  else checkVariable(node.args[0], report, state)
}

function checkInclude(node: Node, report: Report): void {
  if (node.tags.has(':global')) report('There are no ":global" scripts here: only ":personal" ones can be included')
  if (!isConstant(node.args[0])) report('The name of a script to include cannot come from a variable')
  for (const name of constants(node.args[0]))
    if (name === '' || Buffer.byteLength(name) > SIEVE_LIMITS.mailboxBytes || /[\p{Cc}/]/u.test(name))
      report(`${quote(name)} is not the name of a script`)
}

function checkGlobal(node: Node, report: Report, state: CheckState): void {
  if (!state.required.has('variables')) report('"global" needs the extension "variables": add it to "require"')
  if (!isConstant(node.args[0])) report('The name of a variable cannot come from a variable')
  for (const name of constants(node.args[0])) {
    if (!isVariableName(name)) report(`${quote(name)} is not the name of a variable: expected letters, digits and "_"`)
    // RFC 6609 3.4.1: its value would change under the script.
    else if (state.named.has(name.toLowerCase())) report(`The variable ${quote(name)} is made global after it was set`)
  }
}

function checkAddress(node: Node, report: Report): void {
  checkFields(node.args[0], report)
  for (const name of constants(node.args[0]))
    if (FIELD_NAME.test(name) && !isAddressField(name))
      report(`${quote(name)} holds no addresses: expected a field such as "from" or "to"`)
}

function checkEnvelope(node: Node, report: Report): void {
  for (const name of constants(node.args[0]))
    if (!/^(?:from|to)$/i.test(name)) report(`Unknown part of the envelope ${quote(name)}: expected "from" or "to"`)
}

function checkDate(node: Node, report: Report, part: Arg | undefined): void {
  if (node.name === 'date') checkFields(node.args[0], report)
  for (const name of constants(part))
    if (!isDatePart(name)) report(`Unknown part of a date ${quote(name)}: expected one such as "date" or "hour"`)
  for (const zone of constants(node.tags.get(':zone')))
    if (readZone(zone) === null) report(`${quote(zone)} is not a time zone: expected one such as "+0100"`)
}

function checkIhave(node: Node, report: Report): void {
  if (!isConstant(node.args[0])) report('The names of extensions cannot come from a variable')
}

function checkRegexes(node: Node, report: Report, state: CheckState): void {
  const folding = foldingOf(node.match?.comparator ?? 'i;ascii-casemap')
  for (const text of constants(node.args.at(-1))) {
    if (state.regexRoom < 0) {
      report('The regular expressions of this script are too large altogether')
      return
    }
    try {
      state.regexRoom -= 50 + text.length + compileRegex(text, folding).instructions.length
    } catch (error) {
      if (!(error instanceof RegexFault)) throw error
      state.regexRoom -= SIEVE_LIMITS.regexInstructions
      report(`Invalid regular expression: ${error.message}`)
    }
  }
}
