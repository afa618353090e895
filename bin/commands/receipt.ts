import type { CommandContext } from '#bin/cli/command'
import { Fault } from '#lib/errors'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { readReceipt } from '#server/services/trace/receipt'

/** `mailtight receipt ADDRESS MESSAGE-ID`: what left with a message, and how each host took it. */
export async function run({ services, positionals }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const [address = '', messageId = ''] = positionals
  const target = await findAccount(ctx, SYSTEM, address)
  const receipt = await readReceipt(ctx, SYSTEM, { ...target, messageId })
  if (!receipt) throw new Fault('NOT_FOUND', 'There is no receipt of a message of this name.')
  return receipt
}
