/** What an account shares, annotates and scripts: the parts of the mail store's port beside the messages. */
import type { AccountId, FolderId } from '#lib/ids'

/** A right on a folder, for one account of the tenant or for anyone in it (RFC 4314). */
export interface Grant {
  grantee: { accountId: AccountId; address: string } | 'anyone'
  /** Letters of RFC 4314 section 2.1 in alphabetical order, among "aeiklprstwx" */
  rights: string
}

/** Another account's folder that this one may see. */
export interface SharedFolder {
  ownerId: AccountId
  ownerAddress: string
  folderId: FolderId
  /** The union of what was granted to this account and to anyone. */
  rights: string
  subscribed: boolean
}

/** An annotation: `/private/comment`, `/shared/...` (RFC 5464). Entry names lower case. */
export interface Annotation {
  entry: string
  /** null deletes */
  value: Buffer | null
}

export interface FolderSharing {
  /** Who else may use this folder of ours. */
  grants(folder: FolderId): Promise<Grant[]>
  /** Sets or, with '' as rights, takes away a grant on a folder of ours. `owner` is our own address, shown to the grantee. */
  setGrant(folder: FolderId, grant: Grant, owner: string): Promise<void>
  /** Folders of other accounts in the tenant that we may see, by owner. */
  sharedWithMe(): Promise<SharedFolder[]>
  /** What we may do with another account's folder right now; '' for nothing. Asked before every act on it. */
  rightsOn(folder: FolderId): Promise<string>
  subscribeShared(folder: FolderId, subscribed: boolean): Promise<void>
  /** Annotations of a folder, or of the account itself for null. */
  annotations(folder: FolderId | null): Promise<{ entry: string; value: Buffer }[]>
  /** Sets and deletes annotations in one commit. Throws LIMIT beyond the ceilings of LIMITS. */
  setAnnotations(folder: FolderId | null, changes: readonly Annotation[]): Promise<void>
  /** The mailbox access key of URLAUTH (RFC 4467), made when first asked for; `reset` makes a new one, which ends every URL made before. */
  urlKey(folder: FolderId, reset?: boolean): Promise<Buffer>
}

/** A Sieve script by its name (RFC 5804). */
export interface ScriptInfo {
  name: string
  active: boolean
  /** bytes */
  size: number
}

/** Mail of an account is sent on to these addresses. */
export interface Forward {
  /** Normalised */
  to: readonly string[]
  /** Is it kept here too? */
  keep: boolean
  /** The account's own address: in its name it is sent on, whatever address it came to. */
  owner: string
}

export interface AccountScripts {
  scripts(): Promise<ScriptInfo[]>
  /** The script's text. Throws NOT_FOUND. */
  script(name: string): Promise<string>
  /** Stores a script under a name, in place of one that is there. Throws LIMIT beyond the ceilings of LIMITS. The caller has checked it. */
  putScript(name: string, text: string): Promise<void>
  /** Makes a script the active one; null deactivates. From then on new mail waits for the filter worker. */
  activateScript(name: string | null): Promise<void>
  /** Throws NOT_FOUND, and FORBIDDEN for the active script. */
  deleteScript(name: string): Promise<void>
  /** Throws NOT_FOUND, and CONFLICT when the new name is taken. */
  renameScript(from: string, to: string): Promise<void>
  /** The active script, or null. */
  activeScript(): Promise<{ name: string; text: string } | null>
  /** Where the account's mail is sent on to, or null. */
  forward(): Promise<Forward | null>
  /** Sends mail on from now on, or no longer. The caller has checked the addresses. */
  setForward(forward: Forward | null): Promise<void>
  /** What waits for the script, oldest first. */
  waiting(limit: number): Promise<Waiting[]>
  /** Has this key been remembered, and is its time not over? Remembers nothing. */
  remembered(kind: 'vacation' | 'duplicate', key: string): Promise<boolean>
  /** Has this key been remembered, and is its time not over? Remembers it until `expiresAt` when it is new: true when it was known before. */
  remember(kind: 'vacation' | 'duplicate', key: string, expiresAt: Date): Promise<boolean>
  /**
   * Files a waiting message in one commit: into each folder named, with its flags, or nowhere (then it is gone, recoverable like any deleted mail).
   * What a script wants remembered of it goes into the same commit: before, a second try would take the message for its own duplicate.
   * False when another worker has filed it before. Throws NOT_FOUND for a folder that is not there, OVER_QUOTA when its copies have no room.
   */
  fileWaiting(
    waiting: Waiting,
    into: readonly { path: string; flags: readonly string[] }[],
    memories?: readonly Memory[],
  ): Promise<boolean>
  /** Notes that an attempt failed; returns how many have. */
  failedWaiting(waiting: Waiting): Promise<number>
}

/** A message that waits for the owner's script, with the envelope it came with. */
export interface Waiting {
  folderId: FolderId
  uid: number
  /** MAIL FROM, '' for a bounce */
  sender: string
  /** The recipients of the envelope that led to this account */
  recipients: string[]
  attempts: number
  arrivedAt: Date
}

/** A key to remember for the `duplicate` test (RFC 7352). */
export interface Memory {
  key: string
  expiresAt: Date
  /** Starts its time anew although it is known (`:last`). */
  renew: boolean
}
