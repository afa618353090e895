import type { MailStore } from '#mailcore/api'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'
import { mboxrdEntry } from '#server/services/export/mboxrd'

export interface MboxFolder {
  path: string
  /** A file name for it: letters, digits and `._ -` only */
  fileName: string
  messages: number
  /** The folder's messages in mboxrd form, in the order of their uids, one chunk each */
  chunks: AsyncIterable<Buffer>
}

export interface MboxExport {
  folders: MboxFolder[]
  /** All folders one after the other, for a single download */
  all(): AsyncIterable<Buffer>
  /** Closes the mailbox's keys; call it when the last chunk is out, or the export is given up. */
  close(): void
}

/**
 * Exports an account's mail, by its owner or, with a reason that the owner reads, by those above it. The ledger says so before the first byte.
 * Nothing is held in memory but the message under way.
 */
export async function exportMbox(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { reason?: string },
): Promise<MboxExport> {
  const { tenantId, accountId } = input
  const { account, concerned, personal } = await beginActOn(ctx, actor, 'account.export', input)
  await ctx.db.control.withTenant(tenantId, (tx) =>
    recordAct(tx, { actor, action: 'account.export', concerned, personal, facts: { format: 'mbox' } }),
  )
  const store = await ctx.core.open({ tenantId, accountId, region: account.region })
  try {
    const folders = (await store.folders()).map(
      (folder): MboxFolder => ({
        path: folder.path,
        fileName: fileNameOf(folder.path),
        messages: folder.messages,
        chunks: chunksOf(store, folder.path),
      }),
    )
    return {
      folders: unique(folders),
      all: async function* () {
        for (const folder of folders) yield* folder.chunks
      },
      close: () => store.close(),
    }
  } catch (error) {
    store.close()
    throw error
  }
}

async function* chunksOf(store: MailStore, path: string): AsyncIterable<Buffer> {
  const { id } = await store.folder(path)
  const { messages } = await store.list(id)
  const uids = messages.map((message) => message.uid)
  for await (const { raw, receivedAt } of store.fetch(id, uids, { body: true })) {
    if (raw) yield mboxrdEntry(raw, receivedAt)
  }
}

/** Bytes of a file name before its ending; file systems take 255, and a number may be put behind. */
const NAME_BYTES = 200

/** A file name for a folder, whose path is its owner's choice and may be longer than any file name. */
function fileNameOf(path: string): string {
  let stem = path.replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^\.+/, '_')
  while (Buffer.byteLength(stem) > NAME_BYTES) stem = [...stem].slice(0, -1).join('')
  return `${stem}.mbox`
}

/** Two folders must never become one file: neither by what a file name may not hold, nor by case, nor by the number put behind. */
function unique(folders: readonly MboxFolder[]): MboxFolder[] {
  const taken = new Set<string>()
  return folders.map((folder) => {
    let { fileName } = folder
    for (let n = 2; taken.has(folded(fileName)); n++) fileName = folder.fileName.replace(/\.mbox$/, `-${n}.mbox`)
    taken.add(folded(fileName))
    return { ...folder, fileName }
  })
}

const folded = (fileName: string): string => fileName.normalize('NFC').toLowerCase()
