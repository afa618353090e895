import { parseCommand, usageOf } from '#bin/cli/args'
import type { CommandContext } from '#bin/cli/command'
import { instanceSettings } from '#bin/cli/instance'
import { render, write } from '#bin/cli/output'
import { COMMANDS, loadCommand } from '#bin/cli/table'
import { Fault } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import { createLog } from '#lib/log'
import type { ServiceContext } from '#server/services'

/** The password is the first line of standard input. */
async function passwordFromStdin(): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk as Uint8Array))
    size += chunks.at(-1)?.length ?? 0
    if (size > LIMITS.passwordBytes + 2) break
  }
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n[\s\S]*$/, '')
  if (password === '') throw new Fault('BAD_REQUEST', 'No password came on standard input.')
  return password
}

/** The help: every command on a line. */
export function help(): string {
  const lines = COMMANDS.map((spec) => `  ${usageOf(spec)}\n      ${spec.summary}`)
  const roles = '  mailtight run --role=ROLE\n      Run one role in the foreground, with only its settings'
  return `MailTight's command line. It finds its instance by MAILTIGHT_HOME.\n\n${lines.join('\n')}\n${roles}\n`
}

/** Runs the command that the arguments name and prints its result. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const parsed = parseCommand(args, COMMANDS)
  const settings = instanceSettings()
  let opened: ({ ctx: ServiceContext } & Running) | undefined
  const context: CommandContext = {
    settings,
    services: async () => {
      const { createServiceContext } = await import('#server/context')
      opened ??= createServiceContext(settings, createLog('cli', process.env.MAILTIGHT_LOG ?? 'error'))
      return opened.ctx
    },
    positionals: parsed.positionals,
    options: parsed.options,
    flags: parsed.flags,
    json: parsed.json,
    readPassword: () => {
      if (parsed.passwordStdin) return passwordFromStdin()
      throw new Fault('BAD_REQUEST', 'Give the password on standard input, with --password-stdin.')
    },
    log: (line) => write(2, `${line}\n`),
  }
  const { run } = await loadCommand(parsed.spec)
  try {
    write(1, render(await run(context), parsed.json))
  } finally {
    await opened?.stop()
  }
}
