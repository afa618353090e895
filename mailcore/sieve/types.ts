import type { Program } from './program'

/** What one message does after a script has run (RFC 5228 2.10). `flags` is null where the script set none. */
export type Action =
  | { kind: 'keep'; flags: string[] | null }
  | {
      kind: 'fileinto'
      /** As the script wrote it: `/` or `.` are not interpreted here */
      path: string
      /** RFC 8579: a folder with this mark, if there is one, goes before `path`; with its backslash */
      specialUse?: string
      /** RFC 9042: the folder of this id, if it still exists, goes before `specialUse` and `path` */
      mailboxId?: string
      flags: string[] | null
      /** RFC 5490: make the folder where it is missing */
      create: boolean
    }
  | { kind: 'redirect'; address: string }
  | { kind: 'discard' }
  | {
      kind: 'reject'
      reason: string
      /** ereject (RFC 5429 2.1): refuse in the protocol, and send a message only where that is no longer possible */
      protocolOnly: boolean
    }
  | {
      kind: 'vacation'
      /** What tells one answer from another (RFC 5230 4.2): a digest, of the script's own handle or of the answer */
      handle: string
      /** How long one sender gets no second answer */
      seconds: number
      /** Null: the worker's own words, such as `Auto: ` and the subject it answers */
      subject: string | null
      /**
       * Null: the address the message came to; otherwise an address of the owner, the display name left out (a script
       * that names somebody else's gets null: RFC 5230 4.3 lets a site refuse to speak for others)
       */
      from: string | null
      /** Besides `SieveEnv.ownAddresses`, those of which one must stand in To, Cc and so on (RFC 5230 4.5) */
      addresses: string[]
      reason: string
      /** The reason is a MIME entity with its own header fields (RFC 5230 4.6) */
      mime: boolean
    }

/** A compiled script: plain data, so that it may be kept and run many times. */
export interface Script {
  program: Program
  /** What its `require` named, for the log and for tests */
  extensions: readonly string[]
}

/** All that a script may see or ask of the world. The language has no clock and does no I/O. */
export interface SieveEnv {
  /** `size` in octets: what the test `size` compares, which may differ from what `raw` holds */
  message: { raw: Buffer; size: number }
  /** '' as `from` is the null reverse-path */
  envelope: { from: string; to: readonly string[] }
  now: Date
  /** Addresses by which the owner of the script is known */
  ownAddresses: readonly string[]
  /** Items of RFC 5183 by name, such as `location`, `phase`, `domain`, `host`; others are not there */
  environment: Readonly<Record<string, string>>
  mailboxExists(path: string): Promise<boolean>
  /** Whether a folder bears the mark, such as `\Junk`; with `path` (RFC 8579 4), whether that folder does */
  specialUseExists(flag: string, path?: string): Promise<boolean>
  /** RFC 9042; without it no folder is found by its id */
  mailboxIdExists?(id: string): Promise<boolean>
  /** The owner's script of this name, or null (RFC 6609 `:personal`) */
  include(name: string): Promise<string | null>
  /**
   * Whether this key was seen within its time, and remembers it for `seconds` (RFC 7352). `last`: the time starts anew
   * although it was seen. The worker should record only when delivery succeeds.
   */
  seenDuplicate(key: string, seconds: number, last?: boolean): Promise<boolean>
}

/** A fault of the script at run time: nothing of what it did counts, and the message is kept (RFC 5228 2.10.6). */
export interface SieveFault {
  /** From 1, in the script or, with `script`, in an included one */
  line?: number
  message: string
  /** Name of the included script at fault */
  script?: string
}

/** What to do with the message. On an error: no actions, and the implicit keep. */
export interface SieveOutcome {
  actions: Action[]
  /** Deliver into INBOX besides `actions`, or alone where they are none */
  implicitKeep: boolean
  /** Flags for the implicit keep (RFC 5232 4): null where the script set none */
  keepFlags?: string[] | null
  error?: SieveFault
}

/** A fault found while compiling. */
export interface CompileError {
  /** From 1 */
  line: number
  /** What is wrong and what was expected; quotes at most a few words of the script */
  message: string
}

export type CompileResult = { ok: true; script: Script; warnings: string[] } | { ok: false; errors: CompileError[] }
