/** The mail store's port: one account's mail, as a session with open keys sees it. */
import type { AccountId, EmailId, FolderId, RegionId, TenantId } from '#lib/ids'
import type { AccountScripts, FolderSharing } from './sharing'

/** System flags as bits 0 to 4; bits 8 to 31 are the folder's keywords. */
export const FLAG = { seen: 1, answered: 2, flagged: 4, deleted: 8, draft: 16 } as const

export type SpecialUse = 'inbox' | 'drafts' | 'sent' | 'junk' | 'trash' | 'archive'

export interface Folder {
  id: FolderId
  /** Path in Unicode with "/" between levels; "INBOX" for the inbox. */
  path: string
  specialUse: SpecialUse | null
  subscribed: boolean
  uidValidity: number
  uidNext: number
  highestModseq: bigint
  messages: number
  unseen: number
  /** bytes */
  size: number
}

/** The narrow, mutable part of a message. */
export interface MessageState {
  uid: number
  emailId: EmailId
  /** IMAP flag names: "\\Seen", and keywords as they were given. */
  flags: string[]
  modseq: bigint
  /** bytes, as sent */
  size: number
  receivedAt: Date
}

/** The immutable part, rendered once at delivery as IMAP strings (see proto/mime/describe). */
export interface MessageMeta {
  /** RFC 9051 7.5.2 ENVELOPE, with its parentheses */
  envelope: string
  /** RFC 9051 7.5.2 BODYSTRUCTURE with extension data */
  bodystructure: string
  /** The top-level header fields people and programs look at, as they stand in the message. */
  header: string
  /** First words of the text, at most 200 characters (RFC 8970). */
  preview: string
}

export interface FetchWant {
  meta?: boolean
  body?: boolean
}
export type FetchedMessage = MessageState & { meta?: MessageMeta; raw?: Buffer }

export interface FlagChange {
  action: 'set' | 'add' | 'remove'
  flags: readonly string[]
  /** RFC 7162 UNCHANGEDSINCE */
  unchangedSince?: bigint
}

export interface ChangeEntry {
  modseq: bigint
  kind: 'added' | 'flags' | 'expunged'
  uids: number[]
}

export interface Placed {
  uidValidity: number
  sourceUids: number[]
  uids: number[]
}

export interface SearchHit {
  folderId: FolderId
  uid: number
}

/** A deleted message that can still be brought back. */
export interface Recoverable {
  emailId: EmailId
  deletedAt: Date
  purgeAt: Date
  size: number
  meta: MessageMeta
}

/** A message that was put aside at delivery, until its owner says what becomes of it or its days are over. */
export interface Quarantined {
  uid: number
  cause: 'spam' | 'dmarc' | 'rule' | 'unscanned'
  arrivedAt: Date
  /** From, as people read it; '' where there is none */
  sender: string
  subject: string
  /** bytes */
  size: number
}

/**
 * A folder's messages at one moment, shared by the sessions of a process: columns of equal length, ascending by uid. Never changed in place;
 * a change makes a new view, which shares the columns that did not change. Compare `uids` by reference to see whether messages came or went.
 */
export interface FolderView {
  /** The folder as of this moment: uidNext, highestModseq, counters. */
  readonly folder: Folder
  readonly uids: Uint32Array
  /** Flag words: see FLAG and `keywords`. */
  readonly flags: Int32Array
  readonly modseqs: Float64Array
  /** bytes */
  readonly sizes: Uint32Array
  /** INTERNALDATE, ms since 1970 */
  readonly receivedAt: Float64Array
  /** SAVEDATE (RFC 8514), ms since 1970 */
  readonly savedAt: Float64Array
  /** Names of the keywords by bit. */
  readonly keywords: ReadonlyMap<number, string>
}

/** The rendered metadata of MessageMeta, column by column: reading one costs nothing of the others. */
export type MetaColumn = 'envelope' | 'bodystructure' | 'header' | 'preview'

/** One message's metadata as bytes: latin1 for the IMAP strings and the header, UTF-8 for the preview. Slices of shared memory: never write to them. */
export type MetaItem = { uid: number } & { readonly [column in MetaColumn]?: Buffer }

/** What one STORE did. */
export interface Stored {
  /** The folder right after the change (or later). */
  view: FolderView
  /** uids whose flags really changed, ascending */
  changed: number[]
  /** uids refused by UNCHANGEDSINCE, ascending */
  modified: number[]
  /** The mod-sequence the changed messages were given; undefined when none was. */
  modseq: number | undefined
}

export interface NewMessage {
  raw: Buffer
  flags: readonly string[]
  receivedAt: Date
}

/**
 * One account's mail with its keys open, as a session holds it. All methods are atomic; each returns after commit.
 * Unknown folders throw NOT_FOUND; a full mailbox OVER_QUOTA; a frozen one FORBIDDEN.
 */
export interface MailStore extends FolderSharing, AccountScripts {
  readonly account: AccountRef
  folders(): Promise<Folder[]>
  folder(path: string): Promise<Folder>
  /** The folder as it is now: shows all that was committed before the call. */
  view(folder: FolderId): Promise<FolderView>
  /** What this process knew last, at no cost; undefined when no session of the account holds the folder. */
  knownView(folder: FolderId): FolderView | undefined
  /** Streams rendered metadata in batches, ascending by uid; messages gone meanwhile are left out. `uids` ascending. */
  metadata(folder: FolderId, uids: ArrayLike<number>, columns: readonly MetaColumn[]): AsyncIterable<MetaItem[]>
  /** Streams whole messages, ascending by uid, bounded in memory; those gone meanwhile are left out. `uids` ascending. */
  bodies(folder: FolderId, uids: ArrayLike<number>): AsyncIterable<{ uid: number; raw: Buffer }>
  /** Stable ids (RFC 8474) of messages. */
  emailIds(folder: FolderId, uids: ArrayLike<number>): Promise<Map<number, EmailId>>
  /** `specialUse`: RFC 6154 CREATE-SPECIAL-USE; CONFLICT when another folder has it. */
  createFolder(path: string, options?: { specialUse?: SpecialUse }): Promise<Folder>
  renameFolder(from: string, to: string): Promise<void>
  /** Deletes a folder; its messages stay recoverable like any deleted mail. INBOX and folders with children are refused. */
  deleteFolder(path: string): Promise<void>
  subscribe(path: string, subscribed: boolean): Promise<void>
  /** Ascending uids with state, in one consistent view. */
  list(
    folder: FolderId,
    options?: { sinceModseq?: bigint; newestFirst?: boolean; limit?: number; beforeUid?: number },
  ): Promise<{ folder: Folder; messages: MessageState[] }>
  /** Streams messages in the order of `uids`; those gone meanwhile are left out. */
  fetch(folder: FolderId, uids: readonly number[], want: FetchWant): AsyncIterable<FetchedMessage>
  append(
    path: string,
    message: { raw: Buffer; flags: readonly string[]; receivedAt: Date },
  ): Promise<{ uidValidity: number; uid: number; folderId: FolderId }>
  /** RFC 3502 MULTIAPPEND: all of them, in one commit, or none. */
  appendAll(
    path: string,
    messages: readonly NewMessage[],
  ): Promise<{ uidValidity: number; uids: number[]; folderId: FolderId }>
  /** RFC 8508 REPLACE: the new message comes and the old one goes in one commit. NOT_FOUND when the old one is gone. */
  replace(
    folder: FolderId,
    uid: number,
    path: string,
    message: NewMessage,
  ): Promise<{ uidValidity: number; uid: number; folderId: FolderId }>
  /** Changes flags; see Stored. */
  changeFlags(folder: FolderId, uids: readonly number[], change: FlagChange): Promise<Stored>
  /** Returns the messages changed, and the uids refused by UNCHANGEDSINCE. */
  setFlags(
    folder: FolderId,
    uids: readonly number[],
    change: FlagChange,
  ): Promise<{ changed: MessageState[]; modified: number[] }>
  /** Removes messages that are \Deleted (all, or those of `uids`); returns the uids that went. An empty list removes nothing (I-E1). */
  expunge(folder: FolderId, uids?: readonly number[]): Promise<number[]>
  /** Removes messages whatever their flags; they stay recoverable for the account's days. */
  remove(folder: FolderId, uids: readonly number[]): Promise<number[]>
  copy(folder: FolderId, uids: readonly number[], toPath: string): Promise<Placed>
  move(folder: FolderId, uids: readonly number[], toPath: string): Promise<Placed>
  /** Would the owner call this message spam, by what they have moved into Junk and out of it? False while too little is known. */
  looksLikeSpam(raw: Buffer): Promise<boolean>
  /** What happened after a mod-sequence, all or of one kind. Changes of flags name the same messages again and again: ask for all only where they are few. */
  changes(folder: FolderId, sinceModseq: bigint, kind?: ChangeEntry['kind']): Promise<ChangeEntry[]>
  quota(): Promise<{ usedBytes: number; limitBytes: number; messages: number }>
  recoverable(options: { limit: number; before?: Date }): Promise<Recoverable[]>
  /** Brings deleted messages back to `toPath`. */
  recover(emailIds: readonly EmailId[], toPath: string): Promise<Placed>
  /** What is in quarantine, newest first, at most `limit` (500 when left out). Nothing else of the store names these messages. */
  quarantined(limit?: number): Promise<Quarantined[]>
  /** Puts messages out of quarantine into INBOX, past any script: their owner has seen them. Returns how many were still there. */
  releaseQuarantined(uids: readonly number[]): Promise<number>
  /** Deletes messages in quarantine; they stay recoverable like any deleted mail. Returns how many were still there. */
  deleteQuarantined(uids: readonly number[]): Promise<number>
  /** Calls back after another session or a delivery changed a folder of this account. */
  onChange(listener: (folder: FolderId) => void): Promise<() => void>
  /** Forgets the keys held in memory. */
  close(): void
}

/** Whose mail. */
export interface AccountRef {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
}

export interface MailStores {
  /** Opens the keys of a signed-in account. */
  open(account: AccountRef): Promise<MailStore>
}
