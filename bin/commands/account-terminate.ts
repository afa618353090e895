import { writeFileSync } from 'node:fs'
import type { CommandContext } from '#bin/cli/command'
import { Fault } from '#lib/errors'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { terminateAccount } from '#server/services/account/terminate'

/** `mailtight account terminate ADDRESS --reason "…" [--now --receipt FILE]`: prints `{id, state, closingUntil}` or `{id, state, receipt}`; the receipt goes to the file too. */
export async function run({ settings, positionals, options, flags }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const [address = ''] = positionals
  const { reason, receipt: file } = options
  const now = flags.now === true
  if (file !== undefined && !now)
    throw new Fault('BAD_REQUEST', 'A receipt needs --now: after the grace there is nobody to hand it to.')
  // Opened before anything is destroyed: a place that cannot be written to must not cost the receipt.
  if (file !== undefined) writeFileSync(file, '', { mode: 0o600 })
  const target = await findAccount(ctx, SYSTEM, address)
  const end = await terminateAccount(ctx, SYSTEM, { ...target, reason, now })
  if (file !== undefined && end.state === 'closed')
    writeFileSync(file, `${JSON.stringify(end.receipt, null, 2)}\n`, { mode: 0o600 })
  return { id: target.accountId, ...end }
}
