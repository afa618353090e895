import { Fault } from '#lib/errors'
import type { MailStore } from '#mailcore/api'

type Fetched = ReturnType<MailStore['fetch']> extends AsyncIterable<infer M> ? M : never

/** One message with its body. Throws NOT_FOUND when it is not, or no longer, there. */
export async function fetchOne(
  store: MailStore,
  at: { folder: string; uid: number },
): Promise<{ message: Fetched; raw: Buffer }> {
  const { id } = await store.folder(at.folder)
  for await (const message of store.fetch(id, [at.uid], { body: true, meta: true })) {
    if (message.raw) return { message, raw: message.raw }
  }
  throw new Fault('NOT_FOUND', 'This message is not here any more.')
}
