import { putRule, selectRule } from '#db/mail/queries/delivery-rule'
import { lockMailbox } from '#db/mail/queries/folder'
import { open, seal } from '#lib/crypto/aead'
import { deriveKey } from '#lib/crypto/hash'
import type { FolderId } from '#lib/ids'
import type { Folder, MailStore, Placed } from '#mailcore/ports'
import { fieldText, readHeader } from '#mailcore/proto/header'
import { textOf } from '#mailcore/proto/mime/text'
import {
  emptyMemory,
  hashWords,
  mayBeLearnt,
  pack,
  type SpamMemory,
  score,
  train,
  unpack,
} from '#mailcore/proto/spam-words'
import { listFolders } from '#mailcore/store/folders'
import { directDeliveries } from '#mailcore/store/scripts'
import type { MailSession } from '#mailcore/store/session'

/** Messages of one move that are learnt: whoever empties a folder of thousands has said the same thing often enough. */
const LEARNT_MOST = 30
/** From this likelihood on a message goes into Junk: one in twenty wrong is more than its owner would bear. */
const SPAM_FROM = 0.97

const context = (s: MailSession) => ['spam-words/v1', s.tenantId, s.accountId] as const
const wordKey = (s: MailSession): Buffer => deriveKey(s.keys.nameHashKey, 'spam-words')

/** What stands in the message as its reader sees it. */
function wordsOf(s: MailSession, raw: Buffer): Set<number> {
  const header = readHeader(raw)
  const about = ['subject', 'from', 'reply-to'].map((name) => fieldText(header, name) ?? '').join(' ')
  return hashWords(wordKey(s), `${about} ${textOf(raw).text}`)
}

async function readMemory(s: MailSession): Promise<SpamMemory | null> {
  const sealed = await s.db.withTenant(s.tenantId, (tx) => selectRule(tx, s, 'spam'))
  return sealed ? unpack(open(s.keys.nameKey, sealed, context(s))) : null
}

/**
 * Learns from a move, after it was made: what is put into Junk is spam; what is taken out again, or filed from INBOX, is not. A copy says as much only
 * where Junk is one of the two folders: clients without MOVE copy and delete. No other account is taught by it, and what was learnt lies under the
 * owner's key. Of those who never marked anything as spam nothing is kept.
 */
export async function learnFromMove(
  s: MailSession,
  moved: { from: FolderId; placed: Placed; toPath: string; isCopy: boolean },
  bodies: MailStore['bodies'],
): Promise<void> {
  const { from, placed, toPath } = moved
  if (placed.uids.length === 0) return
  const folders = await listFolders(s)
  const to = folders.find(({ path }) => path === toPath || (/^inbox$/i.test(toPath) && path === 'INBOX'))
  const source = folders.find(({ id }) => id === from)
  const kind = kindOf(source, to)
  if (!kind || !to || (moved.isCopy && kind === 'ham' && source?.specialUse !== 'junk')) return
  if (kind === 'ham' && !(await readMemory(s))) return
  const uids = placed.uids.slice(0, LEARNT_MOST)
  const learnt: Set<number>[] = []
  for await (const { raw } of bodies(to.id, uids)) learnt.push(wordsOf(s, raw))
  await s.db.withTenant(s.tenantId, async (tx) => {
    const mailbox = await lockMailbox(tx, s)
    if (!mailbox) return
    const sealed = await selectRule(tx, s, 'spam')
    const memory = sealed ? unpack(open(s.keys.nameKey, sealed, context(s))) : emptyMemory()
    for (const words of learnt) {
      // Only what was learnt is taken back: what the server has put there was not, and the owner's own marks would wear away with each of its errors.
      if (source?.specialUse === 'junk' && mayBeLearnt(memory, words, 'spam')) train(memory, words, 'spam', true)
      train(memory, words, kind)
    }
    await putRule(tx, s, 'spam', seal(s.keys.nameKey, pack(memory), context(s)))
    await directDeliveries(tx, s, mailbox)
  })
}

function kindOf(from: Folder | undefined, to: Folder | undefined): 'spam' | 'ham' | null {
  if (!from || !to || from.id === to.id) return null
  if (to.specialUse === 'junk') return 'spam'
  if (to.specialUse === 'trash') return null
  return from.specialUse === 'junk' || from.specialUse === 'inbox' ? 'ham' : null
}

/** Would the owner call this message spam, by what they have marked? False while too little has been learnt. */
export async function looksLikeSpam(s: MailSession, raw: Buffer): Promise<boolean> {
  const memory = await readMemory(s)
  if (!memory) return false
  return (score(memory, wordsOf(s, raw)) ?? 0) >= SPAM_FROM
}
