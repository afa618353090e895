import { Fault } from '#lib/errors'
import {
  type AccountId,
  type CredentialId,
  type EmailId,
  type FolderId,
  newId,
  type RegionId,
  type TenantId,
} from '#lib/ids'
import type {
  ChangeEntry,
  Directory,
  FetchedMessage,
  Folder,
  MailStore,
  MailStores,
  MessageMeta,
  MessageState,
  Placed,
  SignedIn,
  SpecialUse,
} from '#mailcore/ports'
import { describeMessage } from '#mailcore/proto/mime/describe'

interface Stored extends MessageState {
  raw: Buffer
  meta: MessageMeta
}
interface Box {
  id: FolderId
  path: string
  specialUse: SpecialUse | null
  subscribed: boolean
  uidValidity: number
  uidNext: number
  modseq: bigint
  messages: Stored[]
  changes: ChangeEntry[]
}
interface Account extends SignedIn {
  password: string
  suspended: boolean
  boxes: Box[]
  limitBytes: number
  listeners: Map<object, (folder: FolderId) => void>
}

const SPECIAL: [string, SpecialUse][] = [
  ['INBOX', 'inbox'],
  ['Drafts', 'drafts'],
  ['Sent', 'sent'],
  ['Junk', 'junk'],
  ['Trash', 'trash'],
  ['Archive', 'archive'],
]

/** Accounts with their mail in memory, behind the ports: uids and modification sequences as the real store gives them. */
export interface MemoryWorld {
  stores: MailStores
  directory: Directory
  addAccount(address: string, password: string, limitBytes?: number): SignedIn
  /** Puts a message into a folder as a delivery does; returns its uid. */
  deliver(
    accountId: AccountId,
    raw: Buffer | string,
    options?: { path?: string; receivedAt?: Date; flags?: string[] },
  ): number
  suspend(accountId: AccountId): void
  /** While on, every call of store and directory fails as a lost database does. */
  outage(on: boolean): void
  /** Stores opened and not yet closed. */
  openStores(): number
}

export function createMemoryWorld(): MemoryWorld {
  const accounts = new Map<AccountId, Account>()
  const signOuts = new Set<Parameters<Directory['onSignOut']>[0]>()
  const state = { down: false, open: 0, uidValidity: 1_000 }
  const check = () => {
    if (state.down) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
  }
  const newBox = (path: string, specialUse: SpecialUse | null): Box => ({
    id: newId<FolderId>(),
    path,
    specialUse,
    subscribed: true,
    uidValidity: ++state.uidValidity,
    uidNext: 1,
    modseq: 1n,
    messages: [],
    changes: [],
  })
  const find = (accountId: AccountId): Account => {
    const account = accounts.get(accountId)
    if (!account) throw new Fault('NOT_FOUND', 'no such account')
    return account
  }
  const directory: Directory = {
    resolve: async (addresses) => addresses.map(() => ({ kind: 'unknown' as const })),
    mayUse: async () => false,
    onSignOut: (listener) => {
      signOuts.add(listener)
      return () => void signOuts.delete(listener)
    },
    signIn: async ({ username, password }) => {
      check()
      if (username === 'slow@example.test') return { ok: false, reason: 'slow-down', retryAfterS: 9 }
      const account = [...accounts.values()].find((candidate) => candidate.address === username)
      if (!account || account.password !== password) return { ok: false, reason: 'credentials' }
      return account.suspended ? { ok: false, reason: 'suspended' } : { ok: true, account }
    },
  }
  return {
    directory,
    stores: {
      open: async ({ accountId }) => {
        check()
        state.open++
        return openStore(find(accountId), { check, newBox, onClose: () => state.open-- })
      },
    },
    addAccount(address, password, limitBytes = 1e9) {
      const account: Account = {
        tenantId: newId<TenantId>(),
        accountId: newId<AccountId>(),
        credentialId: newId<CredentialId>(),
        region: 'eu' as RegionId,
        address,
        maySend: true,
        epoch: 1,
        password,
        limitBytes,
        suspended: false,
        boxes: SPECIAL.map(([path, use]) => newBox(path, use)),
        listeners: new Map(),
      }
      accounts.set(account.accountId, account)
      return account
    },
    deliver(accountId, raw, { path = 'INBOX', receivedAt = new Date('2026-03-04T05:06:07Z'), flags = [] } = {}) {
      const account = find(accountId)
      const box = boxAt(account, path)
      const [message] = put(box, [{ raw: Buffer.from(raw), flags, receivedAt }])
      announce(account, box, undefined)
      return message?.uid ?? 0
    },
    suspend(accountId) {
      find(accountId).suspended = true
      for (const listener of signOuts) listener(accountId, 'suspended')
    },
    outage: (on) => {
      state.down = on
    },
    openStores: () => state.open,
  }
}

function boxAt(account: Account, path: string): Box {
  const box = account.boxes.find((candidate) => candidate.path === path)
  if (!box) throw new Fault('NOT_FOUND', 'There is no such folder')
  return box
}

function boxOf(account: Account, id: FolderId): Box {
  const box = account.boxes.find((candidate) => candidate.id === id)
  if (!box) throw new Fault('NOT_FOUND', 'There is no such folder')
  return box
}

function announce(account: Account, box: Box, by: object | undefined): void {
  for (const [owner, listener] of account.listeners) if (owner !== by) setImmediate(() => listener(box.id))
}

function put(
  box: Box,
  incoming: { raw: Buffer; flags: readonly string[]; receivedAt: Date; meta?: MessageMeta; emailId?: EmailId }[],
): Stored[] {
  if (incoming.length === 0) return []
  const modseq = ++box.modseq
  const added = incoming.map((message) => ({
    uid: box.uidNext++,
    emailId: message.emailId ?? newId<EmailId>(),
    flags: [...message.flags],
    modseq,
    size: message.raw.length,
    receivedAt: message.receivedAt,
    raw: message.raw,
    meta: message.meta ?? describeMessage(message.raw),
  }))
  box.messages.push(...added)
  box.changes.push({ modseq, kind: 'added', uids: added.map((message) => message.uid) })
  return added
}

function take(box: Box, uids: ReadonlySet<number>): Stored[] {
  const gone = box.messages.filter((message) => uids.has(message.uid))
  if (gone.length === 0) return []
  box.messages = box.messages.filter((message) => !uids.has(message.uid))
  box.changes.push({ modseq: ++box.modseq, kind: 'expunged', uids: gone.map((message) => message.uid) })
  return gone
}

const folderOf = (box: Box): Folder => ({
  id: box.id,
  path: box.path,
  specialUse: box.specialUse,
  subscribed: box.subscribed,
  uidValidity: box.uidValidity,
  uidNext: box.uidNext,
  highestModseq: box.modseq,
  messages: box.messages.length,
  unseen: box.messages.filter((message) => !message.flags.includes('\\Seen')).length,
  size: box.messages.reduce((sum, message) => sum + message.size, 0),
})

const stateOf = ({ uid, emailId, flags, modseq, size, receivedAt }: Stored): MessageState => ({
  uid,
  emailId,
  flags: [...flags],
  modseq,
  size,
  receivedAt,
})

function changedFlags(have: readonly string[], action: 'set' | 'add' | 'remove', flags: readonly string[]): string[] {
  switch (action) {
    case 'set':
      return [...new Set(flags)]
    case 'add':
      return [...new Set([...have, ...flags])]
    case 'remove':
      return have.filter((flag) => !flags.includes(flag))
  }
}

interface Shared {
  check(): void
  newBox(path: string, use: SpecialUse | null): Box
  onClose(): void
}

function openStore(account: Account, { check, newBox, onClose }: Shared): MailStore {
  const self = {}
  const used = () => account.boxes.flatMap((box) => box.messages).reduce((sum, message) => sum + message.size, 0)
  const room = (bytes: number) => {
    if (used() + bytes > account.limitBytes) throw new Fault('OVER_QUOTA', 'The mailbox is full')
  }
  const transfer = (from: FolderId, uids: readonly number[], toPath: string, moving: boolean): Placed => {
    check()
    const source = boxOf(account, from)
    const target = boxAt(account, toPath)
    const set = new Set(uids)
    const chosen = source.messages.filter((message) => set.has(message.uid))
    if (!moving) room(chosen.reduce((sum, message) => sum + message.size, 0))
    const added = put(target, chosen)
    if (moving) take(source, new Set(chosen.map((message) => message.uid)))
    for (const box of new Set([source, target])) announce(account, box, self)
    return {
      uidValidity: target.uidValidity,
      sourceUids: chosen.map(({ uid }) => uid),
      uids: added.map(({ uid }) => uid),
    }
  }
  const folderActs: Pick<
    MailStore,
    'folders' | 'folder' | 'createFolder' | 'renameFolder' | 'deleteFolder' | 'subscribe'
  > = {
    folders: async () => {
      check()
      return account.boxes.map(folderOf)
    },
    folder: async (path) => {
      check()
      return folderOf(boxAt(account, path))
    },
    createFolder: async (path) => {
      check()
      if (account.boxes.some((box) => box.path === path)) throw new Fault('CONFLICT', 'There is already such a folder')
      const box = newBox(path, null)
      account.boxes.push(box)
      return folderOf(box)
    },
    renameFolder: async (from, to) => {
      check()
      const box = boxAt(account, from)
      if (account.boxes.some((other) => other.path === to))
        throw new Fault('CONFLICT', 'There is already such a folder')
      for (const other of account.boxes)
        if (other.path.startsWith(`${from}/`)) other.path = to + other.path.slice(from.length)
      box.path = to
    },
    deleteFolder: async (path) => {
      check()
      const box = boxAt(account, path)
      if (account.boxes.some((other) => other.path.startsWith(`${path}/`)))
        throw new Fault('CONFLICT', 'It has folders inside')
      account.boxes = account.boxes.filter((other) => other !== box)
      announce(account, box, self)
    },
    subscribe: async (path, subscribed) => {
      check()
      boxAt(account, path).subscribed = subscribed
    },
  }
  return {
    account,
    ...folderActs,
    list: async (id, { sinceModseq = 0n } = {}) => {
      check()
      const box = boxOf(account, id)
      return { folder: folderOf(box), messages: box.messages.filter(({ modseq }) => modseq > sinceModseq).map(stateOf) }
    },
    fetch: async function* (id, uids, want) {
      check()
      const byUid = new Map(boxOf(account, id).messages.map((message) => [message.uid, message]))
      for (const uid of uids) {
        const message = byUid.get(uid)
        if (!message) continue
        const fetched: FetchedMessage = stateOf(message)
        if (want.meta) fetched.meta = message.meta
        if (want.body) fetched.raw = message.raw
        yield fetched
      }
    },
    append: async (path, message) => {
      check()
      const box = boxAt(account, path)
      room(message.raw.length)
      const [added] = put(box, [message])
      announce(account, box, self)
      return { uidValidity: box.uidValidity, uid: added?.uid ?? 0, folderId: box.id }
    },
    setFlags: async (id, uids, change) => {
      check()
      const box = boxOf(account, id)
      const set = new Set(uids)
      const modified: number[] = []
      const changed: Stored[] = []
      for (const message of box.messages.filter(({ uid }) => set.has(uid))) {
        if (change.unchangedSince !== undefined && message.modseq > change.unchangedSince) modified.push(message.uid)
        else if (sameFlags(message.flags, changedFlags(message.flags, change.action, change.flags))) continue
        else changed.push(message)
      }
      if (changed.length > 0) {
        const modseq = ++box.modseq
        for (const message of changed) {
          message.flags = changedFlags(message.flags, change.action, change.flags)
          message.modseq = modseq
        }
        box.changes.push({ modseq, kind: 'flags', uids: changed.map(({ uid }) => uid) })
        announce(account, box, self)
      }
      return { changed: changed.map(stateOf), modified }
    },
    expunge: async (id, uids) => {
      check()
      const box = boxOf(account, id)
      const set = uids && new Set(uids)
      const doomed = box.messages.filter(
        (message) => message.flags.includes('\\Deleted') && (!set || set.has(message.uid)),
      )
      const gone = take(box, new Set(doomed.map(({ uid }) => uid)))
      if (gone.length > 0) announce(account, box, self)
      return gone.map(({ uid }) => uid)
    },
    remove: async (id, uids) => {
      check()
      const box = boxOf(account, id)
      const gone = take(box, new Set(uids))
      announce(account, box, self)
      return gone.map(({ uid }) => uid)
    },
    copy: async (id, uids, toPath) => transfer(id, uids, toPath, false),
    move: async (id, uids, toPath) => transfer(id, uids, toPath, true),
    changes: async (id, since) => {
      check()
      return boxOf(account, id).changes.filter(({ modseq }) => modseq > since)
    },
    quota: async () => {
      check()
      const messages = account.boxes.reduce((sum, box) => sum + box.messages.length, 0)
      return { usedBytes: used(), limitBytes: account.limitBytes, messages }
    },
    recoverable: async () => [],
    recover: async () => ({ uidValidity: 1, sourceUids: [], uids: [] }),
    onChange: async (listener) => {
      account.listeners.set(self, listener)
      return () => void account.listeners.delete(self)
    },
    close: () => {
      account.listeners.delete(self)
      onClose()
    },
  }
}

const sameFlags = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((flag) => b.includes(flag))
