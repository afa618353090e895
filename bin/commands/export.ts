import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CommandContext } from '#bin/cli/command'
import { Fault } from '#lib/errors'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { exportMbox } from '#server/services/export/mbox'

/** `mailtight export ADDRESS --format mbox --out DIR`: one file per folder; prints `{id, format, folders: [{path, file, messages, bytes}]}`. */
export async function run({ settings, positionals, options, log }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const [address = ''] = positionals
  const { format = 'mbox', out = '' } = options
  if (format !== 'mbox') throw new Fault('BAD_REQUEST', `There is no format ${format}; mbox is the one there is.`)
  const target = await findAccount(ctx, SYSTEM, address)
  mkdirSync(out, { recursive: true, mode: 0o700 })
  const made = await exportMbox(ctx, SYSTEM, { ...target, reason: 'Exported by the operator on the command line.' })
  const folders: { path: string; file: string; messages: number; bytes: number }[] = []
  try {
    for (const folder of made.folders) {
      const file = join(out, folder.fileName)
      const sink = createWriteStream(file, { mode: 0o600 })
      let messages = 0
      const counted = async function* () {
        for await (const chunk of folder.chunks) {
          messages++
          yield chunk
        }
      }
      await pipeline(Readable.from(counted()), sink)
      folders.push({ path: folder.path, file, messages, bytes: sink.bytesWritten })
      log(`${folder.path}: ${messages} messages`)
    }
  } finally {
    made.close()
  }
  return { id: target.accountId, format, folders }
}
