import { Fault } from '#lib/errors'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

/** Marks the web may set; keywords and \Deleted are for mail programs. */
const MARKS = { seen: '\\Seen', flagged: '\\Flagged', answered: '\\Answered' } as const
export type Mark = keyof typeof MARKS

/** Sets or takes away marks. Returns how many messages changed. */
export async function setFlags(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uids: readonly number[]; marks: Partial<Record<Mark, boolean>> },
): Promise<{ changed: number }> {
  const wanted = (on: boolean) =>
    (Object.keys(MARKS) as Mark[]).filter((mark) => input.marks[mark] === on).map((mark) => MARKS[mark])
  const add = wanted(true)
  const remove = wanted(false)
  if (add.length + remove.length === 0) throw new Fault('BAD_REQUEST', 'Say which mark to set.', { field: 'marks' })
  return withMailbox(ctx, actor, 'mail.change', input, async (store) => {
    const { id } = await store.folder(input.folder)
    const changed = new Set<number>()
    const apply = async (action: 'add' | 'remove', flags: string[]) => {
      if (flags.length === 0) return
      for (const one of (await store.setFlags(id, input.uids, { action, flags })).changed) changed.add(one.uid)
    }
    await apply('add', add)
    await apply('remove', remove)
    return { changed: changed.size }
  })
}
