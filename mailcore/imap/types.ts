/** The parts of wildduck/imap-core 1.46.1 that we use. It has no types of its own; read from its sources. */
import type { Socket } from 'node:net'
import type { AccountId, FolderId } from '#lib/ids'
import type { MailStore } from '#mailcore/ports'

/** One token of a parsed command. Strings hold one character per byte. */
export interface Token {
  type: string
  value: string | Buffer | null
}
export type Attribute = Token | Attribute[] | null

export interface Command {
  tag: string
  command: string
  attributes?: Attribute[]
}

/** The tagged answer to a command. */
export interface Reply {
  response: string
  code?: string | false
  message?: string | false | undefined
}

export type CommandDone = (error: Error | null, reply?: Reply) => void
export interface CommandModule {
  handler(this: Connection, command: Command, done: CommandDone, next: () => void): unknown
  disableNotifications?: boolean
}

/** What imap-core sends for one untagged line: ready bytes, or a tree for its compiler. */
export type Outgoing = false | { compiled: string | Buffer } | { tag: string; command: string; attributes: unknown[] }

export interface WriteStream {
  write(line: Outgoing, done?: () => void): unknown
}

/** The selected folder as imap-core keeps it; `uidList` is its view of the sequence numbers, ascending. */
export interface Selected {
  mailbox: OpenFolder
  path: string
  uidList: number[]
  modifyIndex: number
  notifications: Update[]
  condstoreEnabled: boolean
  readOnly: boolean
}

/** Our value behind imap-core's `mailbox._id`: handed back to every handler, compared by toString(). */
export interface OpenFolder {
  folderId: FolderId
  session: Session
  toString(): string
}

export interface User {
  id: AccountId
  username: string
  store: MailStore
  /** Modification sequences of our own flag changes, already told to this session, by uid. */
  told: Map<number, bigint>
}

export interface Session {
  id: string
  remoteAddress: string
  user?: User
  selected: Selected | false
  socket: Socket
  writeStream: WriteStream
  commandCounters: Record<string, number>
  isUTF8Enabled(): boolean | undefined
}

export interface Parser {
  _remainder: string
  /** Ours: bytes a line may have at the moment, and what to do beyond them. */
  lineLimit?: () => number
  onOverlong?: () => void
  _write(chunk: Buffer, encoding: string, done: () => void): void
}

export interface Connection {
  id: string
  session: Session
  state: 'Not Authenticated' | 'Authenticated' | 'Selected' | 'Logout' | 'Closed'
  secure: boolean
  selected: Selected | false
  writeStream: WriteStream & { unpipe?(socket: Socket): void }
  acceptUTF8Enabled?: boolean
  user?: User
  _server: Server
  _socket: Socket
  _parser: Parser | false
  _nextHandler: false | ((line: string, next: () => void) => void)
  _setListeners(): void
  init(): void
  send(line: string): void
  close(force?: boolean): void
  setUser(user: User): void
  setupNotificationListener(): void
  emitNotifications(): void
}

/** One command while it is read. */
export interface CommandReader {
  connection: Connection
  tag?: string
  command?: string
  first: boolean
  literals: Buffer[]
  literalCount?: number
  append(part: CommandPart, done: (error?: Error) => void): void
  end(part: CommandPart, done: (error?: Error) => void): void
  sendNotifications(handler: CommandModule, done: () => void): void
  countBadResponses(): boolean
}
export interface CommandPart {
  value: string
  final: boolean
  literal?: unknown
  expecting?: number
}

export interface Update {
  command: 'EXISTS' | 'EXPUNGE' | 'FETCH'
  uid: number
  modseq: number
  flags?: string[]
}

export type Listener = (
  this: object,
  message?: { command: 'LOGOUT'; reason: string } | { command: 'DROP'; mailbox: OpenFolder },
) => void

export interface Notifier {
  addListener(session: Session, listener: Listener): void
  removeListener(session: Session, listener: Listener): void
  getUpdates(folder: OpenFolder, since: number, done: (error: Error | null, updates?: Update[]) => void): void
}

export interface QueryItem {
  query: string
  item: string
  path?: string
  type?: string
  headers?: string[]
  partial?: { startFrom: number; maxLength: number }
}
export interface FetchOptions {
  messages: number[]
  query: QueryItem[]
  isUid: boolean
  changedSince: number
  markAsSeen: boolean
}
export interface StoreOptions {
  messages: number[]
  value: string[]
  action: 'set' | 'add' | 'remove'
  isUid?: boolean
  silent: boolean
  unchangedSince: number
}
/** A node of a search; `value` depends on `key`, see handlers/search. */
export interface SearchNode {
  key: string
  value?: unknown
  header?: string
  operator?: string
  exists?: boolean
}

type Done<T extends unknown[]> = (error: Error | null, ...result: T) => void
export type CodeDone = Done<[result: true | string]>
export type OpenDone = Done<
  [
    | string
    | {
        _id: OpenFolder
        uidList: number[]
        uidNext: number
        uidValidity: number
        modifyIndex: number
        flags: string[]
      },
  ]
>
export type ListDone = Done<[{ path: string; specialUse?: string }[]] | []>
export type StatusDone = Done<
  [string | { messages: number; uidNext: number; uidValidity: number; unseen: number; highestModseq: number }]
>
export type QuotaDone = Done<[string | { root: string; quota: number; storageUsed: number }]>
export type AppendDone = Done<[result: true | string, info?: { uidValidity: number; uid: number }]>
export type CopyDone = Done<
  [result: true | string, info?: { uidValidity: number; sourceUid: number[]; destinationUid: number[] }]
>
export type StoreDone = Done<[result: true | string, modified?: number[]]>
export type SearchDone = Done<[{ uidList: number[] | string; highestModseq?: number }]>

export interface Handlers {
  onList(query: string, session: Session, done: ListDone): void
  onLsub(query: string, session: Session, done: ListDone): void
  onSubscribe(path: string, session: Session, done: CodeDone): void
  onUnsubscribe(path: string, session: Session, done: CodeDone): void
  onCreate(path: string, session: Session, done: CodeDone): void
  onDelete(path: string, session: Session, done: CodeDone): void
  onRename(from: string, to: string, session: Session, done: CodeDone): void
  onOpen(path: string, session: Session, done: OpenDone): void
  onStatus(path: string, session: Session, done: StatusDone): void
  onAppend(path: string, flags: string[], date: string | false, raw: Buffer, session: Session, done: AppendDone): void
  onStore(folder: OpenFolder, options: StoreOptions, session: Session, done: StoreDone): void
  onExpunge(
    folder: OpenFolder,
    options: { isUid: boolean; messages?: number[]; silent?: boolean },
    session: Session,
    done: CodeDone,
  ): void
  onCopy(
    connection: Connection,
    folder: OpenFolder,
    options: { destination: string; messages: number[] },
    session: Session,
    done: CopyDone,
  ): void
  onMove(
    folder: OpenFolder,
    options: { destination: string; messages: number[] },
    session: Session,
    done: CopyDone,
  ): void
  onFetch(folder: OpenFolder, options: FetchOptions, session: Session, done: CodeDone): void
  onSearch(folder: OpenFolder, options: { query: SearchNode[] }, session: Session, done: SearchDone): void
  onGetQuotaRoot(path: string, session: Session, done: QuotaDone): void
  onGetQuota(root: string, session: Session, done: QuotaDone): void
  onIdleStart(folder: OpenFolder | false, session: Session): void
}

export interface Server extends Handlers {
  connections: Set<Connection>
  notifier: Notifier & { pull(session: Session): Promise<void> }
  onConnect(session: Session, done: (error?: Error) => void): void
  onClose(session: Session, done: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
  connect(socket: Socket, options: { id: string }): void
  /** Ours: checks a name and password and opens the account's mail. */
  signIn(connection: Connection, username: string, password: string): Promise<Reply>
  options: { hostname: string; maxMessage: number }
}

export interface Tools {
  validateSequence(range: unknown): boolean
  getMessageRange(uidList: number[], range: unknown, isUid: boolean): number[]
  filterFolders<F extends { path: string }>(folders: F[], pattern: string): F[]
  sendCapabilityResponse(connection: Connection): void
}

/** The modules of imap-core that we use or mend. */
export interface Core {
  Server: new (options: object) => Server
  tools: Tools
  compile: (line: object) => string
  connection: Connection
  reader: CommandReader
  parser: Parser
  command(name: string): CommandModule
  silence(): void
}
