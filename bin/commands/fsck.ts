import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { fsck } from '#server/services/system/fsck'

/** `mailtight fsck`: prints `{ok, problems: [{kind, id, detail}], counted}`; exit code 1 when there are problems. */
export async function run({ settings }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const report = await fsck(ctx, SYSTEM)
  if (!report.ok) process.exitCode = 1
  return report
}
