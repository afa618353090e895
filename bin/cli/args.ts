import { parseArgs } from 'node:util'
import type { CommandSpec } from '#bin/cli/command'
import { Fault } from '#lib/errors'

export interface ParsedCommand {
  spec: CommandSpec
  positionals: string[]
  options: Record<string, string | undefined>
  flags: Record<string, boolean>
  json: boolean
  /** Was --password-stdin given? */
  passwordStdin: boolean
}

/** One line that shows how a command is called. */
export function usageOf(spec: CommandSpec): string {
  const options = (spec.options ?? []).map((name) => {
    const shown = `--${name.replace('!', '')} ${name.replace('!', '').toUpperCase()}`
    return name.endsWith('!') ? shown : `[${shown}]`
  })
  const flags = (spec.flags ?? []).map((name) => `[--${name}]`)
  const password = spec.password ? ['--password-stdin'] : []
  return ['mailtight', spec.words, ...(spec.positionals ?? []), ...options, ...password, ...flags, '[--json]'].join(' ')
}

function bad(text: string, spec?: CommandSpec): Fault {
  return new Fault('BAD_REQUEST', spec ? `${text}; usage: ${usageOf(spec)}` : text)
}

/** The command whose words the arguments begin with; the longest wins. */
export function findCommand(args: readonly string[], commands: readonly CommandSpec[]): CommandSpec | undefined {
  const fitting = commands.filter((spec) => spec.words.split(' ').every((word, i) => args[i] === word))
  return fitting.sort((a, b) => b.words.length - a.words.length)[0]
}

/** Parses the arguments of `mailtight`. Throws a Fault of one line; an argument's value is never part of it. */
export function parseCommand(args: readonly string[], commands: readonly CommandSpec[]): ParsedCommand {
  const spec = findCommand(args, commands)
  if (!spec) throw bad('There is no such command; mailtight --help lists them.')
  const valued = (spec.options ?? []).map((name) => name.replace('!', ''))
  const declared = {
    json: { type: 'boolean' as const },
    ...(spec.password ? { 'password-stdin': { type: 'boolean' as const } } : {}),
    ...Object.fromEntries((spec.flags ?? []).map((name) => [name, { type: 'boolean' as const }])),
    ...Object.fromEntries(valued.map((name) => [name, { type: 'string' as const }])),
  }
  const rest = args.slice(spec.words.split(' ').length)
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...rest], options: declared, allowPositionals: true, strict: true })
  } catch (error) {
    const option = /'(-[^'\s<]+)/.exec(error instanceof Error ? error.message : '')?.[1]
    throw bad(option ? `The option ${option} is not right here` : 'The options are not right', spec)
  }
  const { values, positionals } = parsed
  if (positionals.length !== (spec.positionals ?? []).length) {
    const wanted = (spec.positionals ?? []).join(' ') || 'no further argument'
    throw bad(`mailtight ${spec.words} takes ${wanted}`, spec)
  }
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined)
  const missing = (spec.options ?? []).find((name) => name.endsWith('!') && !text(name.slice(0, -1)))
  if (missing) throw bad(`--${missing.slice(0, -1)} is missing`, spec)
  return {
    spec,
    positionals,
    options: Object.fromEntries(valued.map((name) => [name, text(name)])),
    flags: Object.fromEntries((spec.flags ?? []).map((name) => [name, values[name] === true])),
    json: values.json === true,
    passwordStdin: values['password-stdin'] === true,
  }
}
