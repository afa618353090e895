import { parseAddress } from '#mailcore/proto/address'
import { addAction } from './actions'
import { mailboxFault } from './checks'
import { compileScript } from './compile'
import { type Frame, flagsIn, oneText, type Run, setVariable, tagText, textsIn } from './context'
import { RunFault } from './errors'
import { evaluateOne } from './evaluate'
import { readFlags, withoutFlags } from './flags'
import { SIEVE_LIMITS } from './limits'
import { modified } from './modifiers'
import type { Node, Program } from './program'
import { vacationAction } from './vacation'

/** How a block ended: at its end, by `stop`, or by `return` (RFC 6609 3.3). */
export type Ending = 'end' | 'stop' | 'return'

/** A frame for a script that starts. */
export const newFrame = (run: Run, program: Program, trail: readonly string[]): Frame => ({
  run,
  program,
  trail,
  variables: new Map(),
  shared: new Set(),
  matches: [],
})

/** Carries out the commands of a block. Throws RunFault. */
export async function execute(frame: Frame, commands: readonly Node[]): Promise<Ending> {
  // Whether a branch of the chain of if, elsif and else at hand has been taken.
  let taken = false
  for (const node of commands) {
    const { budget } = frame.run
    budget.step()
    if (budget.due()) await budget.breathe()
    let ending: Ending = 'end'
    try {
      if (node.name === 'if' || node.name === 'elsif' || node.name === 'else') {
        if (node.name === 'if') taken = false
        if (taken || (node.name !== 'else' && !(await evaluateOne(frame, node)))) continue
        taken = true
        ending = await execute(frame, node.block)
      } else {
        ending = await executeCommand(frame, node)
      }
    } catch (error) {
      if (error instanceof RunFault) error.line ??= node.line
      throw error
    }
    if (ending !== 'end') return ending
  }
  return 'end'
}

async function executeCommand(frame: Frame, node: Node): Promise<Ending> {
  switch (node.name) {
    case 'stop':
    case 'return':
      return node.name
    case 'include':
      return include(frame, node)
    case 'require':
      return 'end'
    case 'set':
      setVariable(frame, oneText(frame, node.args[0]), modified(node, oneText(frame, node.args[1])))
      return 'end'
    case 'global':
      for (const name of textsIn(frame, node.args[0])) frame.shared.add(name.toLowerCase())
      return 'end'
    case 'setflag':
    case 'addflag':
    case 'removeflag':
      changeFlags(frame, node)
      return 'end'
    case 'error':
      throw new RunFault(oneText(frame, node.args[0]))
    case '$fault':
      throw new RunFault(node.fault ?? 'This command is not valid')
    default:
      act(frame, node)
      return 'end'
  }
}

/** The actions: what they do to the message is written down, and whether they cancel the implicit keep. */
function act(frame: Frame, node: Node): void {
  const { outcome } = frame.run
  const copy = node.tags.has(':copy')
  switch (node.name) {
    case 'keep':
      addAction(outcome, { kind: 'keep', flags: flagsOf(frame, node) })
      break
    case 'discard':
      addAction(outcome, { kind: 'discard' })
      break
    case 'fileinto':
      fileInto(frame, node)
      break
    case 'redirect': {
      const address = parseAddress(oneText(frame, node.args[0]))
      if (!address) throw new RunFault('The address of "redirect" is not valid')
      addAction(outcome, { kind: 'redirect', address: address.address })
      break
    }
    case 'reject':
    case 'ereject':
      addAction(outcome, {
        kind: 'reject',
        reason: oneText(frame, node.args[0]),
        protocolOnly: node.name === 'ereject',
      })
      break
    case 'vacation':
      addAction(outcome, vacationAction(frame, node))
      // RFC 5230 4.7: an answer does not keep the message from being kept.
      return
    default:
      throw new RunFault(`The command "${node.name}" is not implemented`)
  }
  if (!copy) outcome.implicitKeep = false
}

function fileInto(frame: Frame, node: Node): void {
  const path = oneText(frame, node.args[0])
  const fault = mailboxFault(path)
  if (fault) throw new RunFault(fault)
  const specialUse = tagText(frame, node, ':specialuse')
  const mailboxId = tagText(frame, node, ':mailboxid')
  addAction(frame.run.outcome, {
    kind: 'fileinto',
    path,
    ...(specialUse === undefined ? {} : { specialUse }),
    ...(mailboxId === undefined ? {} : { mailboxId }),
    flags: flagsOf(frame, node),
    create: node.tags.has(':create'),
  })
}

/** Flags for one delivery: those of `:flags`, else those of the internal variable as it stands now (RFC 5232 5). */
function flagsOf(frame: Frame, node: Node): string[] | null {
  if (node.tags.has(':flags')) return readFlags(textsIn(frame, node.tags.get(':flags')))
  return frame.run.flags === null ? null : [...frame.run.flags]
}

/** RFC 5232 3.1 to 3.3. */
function changeFlags(frame: Frame, node: Node): void {
  const variable = node.args.length > 1 ? oneText(frame, node.args[0]) : null
  const given = readFlags(textsIn(frame, node.args.at(-1)))
  const before = node.name === 'setflag' ? [] : flagsIn(frame, variable)
  const after = node.name === 'removeflag' ? withoutFlags(before, given) : readFlags([...before, ...given])
  if (variable === null) frame.run.flags = after
  else setVariable(frame, variable, after.join(' '))
}

/** RFC 6609 3.2, of the owner's own scripts. */
async function include(frame: Frame, node: Node): Promise<Ending> {
  const { run, trail } = frame
  const name = oneText(frame, node.args[0])
  if (trail.includes(name)) throw new RunFault('Scripts include each other in a circle')
  if (node.tags.has(':once') && run.included.has(name)) return 'end'
  if (trail.length >= SIEVE_LIMITS.includeDepth)
    throw new RunFault(`Scripts are included too deep: at most ${SIEVE_LIMITS.includeDepth} levels are allowed`)
  if (++run.includedScripts > SIEVE_LIMITS.includeScripts)
    throw new RunFault(`Too many scripts are included: at most ${SIEVE_LIMITS.includeScripts} are allowed`)
  const text = await run.env.include(name)
  if (text === null) {
    if (node.tags.has(':optional')) return 'end'
    throw new RunFault('The script to include does not exist')
  }
  run.included.add(name)
  run.includedBytes += Buffer.byteLength(text)
  if (run.includedBytes > SIEVE_LIMITS.includeBytes) throw new RunFault('The included scripts are too long altogether')
  run.budget.spend(text.length)
  await run.budget.breathe()
  return runIncluded(frame, name, text)
}

async function runIncluded(frame: Frame, name: string, text: string): Promise<Ending> {
  try {
    const compiled = compileScript(text)
    if (!compiled.ok) {
      const first = compiled.errors[0]
      throw new RunFault(`The included script has an error: ${first?.message ?? ''}`, first?.line)
    }
    const { program } = compiled.script
    const ending = await execute(newFrame(frame.run, program, [...frame.trail, name]), program.commands)
    // RFC 6609 3.3: `return` ends the included script alone, `stop` all of them.
    return ending === 'stop' ? 'stop' : 'end'
  } catch (error) {
    if (error instanceof RunFault && error.line !== undefined) error.script ??= name
    throw error
  }
}
