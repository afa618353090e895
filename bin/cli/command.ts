import type { Settings } from '#lib/env'
import type { ServiceContext } from '#server/services'

/**
 * A command of `mailtight` is a file `bin/commands/<words-with-dashes>.ts` which exports `run`, and a line in `bin/cli/table.ts` which
 * says how its arguments look. `bin/commands/account-list.ts` for `mailtight account list --tenant T`:
 *
 *     import type { CommandContext } from '#bin/cli/command'
 *     import { SYSTEM } from '#server/services'
 *     export async function run({ services, options }: CommandContext) {
 *       return listAccounts(await services(), SYSTEM, { tenantId: options.tenant })
 *     }
 *
 * What `run` resolves with is printed: as one JSON value with `--json`, else as text (objects as `name: value` lines, arrays of
 * objects as a table, strings as they are). A Fault that it throws becomes one line on standard error and exit code 1.
 * A command prints nothing itself on standard output; progress goes to `ctx.log`, which writes to standard error.
 * When `run` has resolved the process ends, after the services were closed.
 */
export interface CommandContext {
  /** Settings of the instance that MAILTIGHT_HOME names, with the addresses of all its databases. */
  readonly settings: Settings
  /** Positional arguments after the command's words; as many as the table says. */
  readonly positionals: readonly string[]
  /** Options with a value by their long name. Required ones are there. */
  readonly options: Readonly<Record<string, string | undefined>>
  /** Options without a value: were they given? */
  readonly flags: Readonly<Record<string, boolean>>
  readonly json: boolean
  /** What every service is given, over all databases and keys of the instance; opened at the first call and closed after the command. */
  services(): Promise<ServiceContext>
  /** The password from standard input, its line end removed. Throws a Fault when --password-stdin is missing or nothing came. */
  readPassword(): Promise<string>
  /** A line on standard error. */
  log(line: string): void
}

export interface CommandModule {
  run(context: CommandContext): Promise<unknown>
}

/** How a command is called. */
export interface CommandSpec {
  /** Its words: `account create`. */
  words: string
  summary: string
  /** Names of its positional arguments, as the help shows them: `['ADDRESS']`. All are required. */
  positionals?: readonly string[]
  /** Options with a value; `!` at the end of the name marks a required one: `reason!`. */
  options?: readonly string[]
  flags?: readonly string[]
  /** Reads a password from standard input, so it takes --password-stdin. */
  password?: boolean
}
