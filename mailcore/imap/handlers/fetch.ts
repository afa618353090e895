import type { FetchedMessage, FetchWant, MailStore } from '#mailcore/ports'
import type { Door } from '../door'
import { needOf, renderItem } from '../fetch-items'
import { IMAP_LIMITS } from '../limits'
import { serve } from '../refusal'
import type { Opened } from '../section'
import { storeOf } from '../sessions'
import { sequenceOf } from '../sets'
import type { FetchOptions, Handlers, OpenFolder, QueryItem, Session } from '../types'
import { writeBytes } from '../writer'
import { noteTold } from './store'

/** FETCH and UID FETCH (RFC 3501 6.4.5, CHANGEDSINCE of RFC 7162). */
export function createFetch(door: Door): Pick<Handlers, 'onFetch'> {
  return {
    onFetch(folder, options, session, done) {
      serve({ log: door.log, session, command: 'FETCH' }, () => fetch(folder, options, session), {
        reply: () => done(null, true),
        refuse: (code) => done(null, code),
      })
    },
  }
}

async function fetch(folder: OpenFolder, options: FetchOptions, session: Session): Promise<void> {
  const { selected } = session
  const store = storeOf(session)
  const uids = await wantedUids(store, folder, options)
  if (!selected || uids.length === 0) return
  // imap-core forgets that RFC822.TEXT sets \Seen too.
  const marks = options.markAsSeen || options.query.some((item) => item.item === 'rfc822.text')
  const query = [...options.query]
  if (marks && !selected.readOnly) {
    const { changed } = await store.setFlags(folder.folderId, uids, { action: 'add', flags: ['\\Seen'] })
    noteTold(session, changed)
    if (!query.some((item) => item.item === 'flags')) query.push({ query: 'FLAGS', item: 'flags' })
  }
  const out = createOutput(session)
  const bodyOf = (uid: number) => readBody(store, folder, uid)
  for await (const message of store.fetch(folder.folderId, uids, wantOf(query))) {
    const sequence = sequenceOf(selected.uidList, message.uid)
    if (sequence === 0) continue
    await renderMessage({ sequence, query, message, out, bodyOf })
    if (!(await out.pass())) return
  }
  await out.flush()
}

/** CHANGEDSINCE leaves out what did not change since. */
async function wantedUids(store: MailStore, folder: OpenFolder, options: FetchOptions): Promise<number[]> {
  if (!options.changedSince || options.messages.length === 0) return options.messages
  const { messages } = await store.list(folder.folderId, { sinceModseq: BigInt(options.changedSince) })
  const changed = new Set(messages.map((message) => message.uid))
  return options.messages.filter((uid) => changed.has(uid))
}

function wantOf(query: readonly QueryItem[]): FetchWant {
  const needs = new Set(query.map(needOf))
  const want: FetchWant = {}
  if (needs.has('meta')) want.meta = true
  if (needs.has('body')) want.body = true
  return want
}

async function readBody(store: MailStore, folder: OpenFolder, uid: number): Promise<Opened | undefined> {
  for await (const { raw } of store.fetch(folder.folderId, [uid], { body: true })) if (raw) return { raw }
  return undefined
}

interface Rendering {
  sequence: number
  query: readonly QueryItem[]
  message: FetchedMessage
  out: Output
  bodyOf(uid: number): Promise<Opened | undefined>
}

async function renderMessage({ sequence, query, message, out, bodyOf }: Rendering): Promise<void> {
  let opened: Opened | undefined = message.raw && { raw: message.raw }
  out.text(`* ${sequence} FETCH (`)
  for (const [index, item] of query.entries()) {
    let rendered = renderItem(item, message, opened)
    if (!rendered) {
      // The stored header was cut short (16 KiB): this one message is answered from its body.
      opened = await bodyOf(message.uid)
      rendered = renderItem(item, message, opened)
    }
    if (index > 0) out.text(' ')
    if (rendered) out.text(rendered.text)
    if (rendered?.bytes) out.bytes(rendered.bytes)
    if (!rendered) out.text(`${item.query} NIL`)
  }
  out.text(')\r\n')
}

type Output = ReturnType<typeof createOutput>

/** Gathers answers into chunks: one write and one look at the back-pressure for hundreds of short lines. */
function createOutput(session: Session) {
  let parts: Buffer[] = []
  let line = ''
  let length = 0
  const seal = () => {
    if (line !== '') parts.push(Buffer.from(line, 'latin1'))
    line = ''
  }
  const flush = async (): Promise<boolean> => {
    seal()
    const chunk = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    parts = []
    length = 0
    return chunk.length === 0 || (await writeBytes(session, chunk))
  }
  return {
    text(text: string) {
      line += text
      length += text.length
    },
    bytes(bytes: Buffer) {
      seal()
      parts.push(bytes)
      length += bytes.length
    },
    flush,
    /** Between messages: writes what has gathered; false when the client has gone. */
    pass: async (): Promise<boolean> => (length < IMAP_LIMITS.chunkBytes ? true : await flush()),
  }
}
