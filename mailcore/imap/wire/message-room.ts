import type { AccountId } from '#lib/ids'
import { IMAP_LIMITS } from '../limits'

/** Bytes of messages that sessions of this process hold on their way in: all of them, and by account. */
let held = 0
const heldBy = new Map<AccountId, number>()

/** Why there is no room, for the tagged answer. */
export interface NoRoom {
  code: string
  text: string
}

/**
 * What one command holds of messages on their way in, whether they come over the wire, from a URL or out of another account's mailbox. Room counts
 * from the moment it is promised, and a client may take its time to fill it: so no account is promised more than its share, or a few stalled
 * connections of one would shut out all others. A class, since it lives as long as its command.
 */
export class MessageRoom {
  readonly #account: AccountId
  #bytes = 0

  constructor(account: AccountId) {
    this.#account = account
  }

  /** Takes room for so many bytes more; else says why not, and takes none. */
  take(bytes: number): NoRoom | undefined {
    if ((heldBy.get(this.#account) ?? 0) + bytes > IMAP_LIMITS.appendAccountBytes)
      return { code: 'LIMIT', text: 'That is too much on its way in at once; send less at a time' }
    if (held + bytes > IMAP_LIMITS.appendBudgetBytes)
      return { code: 'UNAVAILABLE', text: 'Too many messages are on their way in; try again in a moment' }
    this.#count(bytes)
    return undefined
  }

  /** Gives all of it back; may be called again. */
  release(): void {
    this.#count(-this.#bytes)
  }

  #count(bytes: number): void {
    const own = (heldBy.get(this.#account) ?? 0) + bytes
    if (own > 0) heldBy.set(this.#account, own)
    else heldBy.delete(this.#account)
    held += bytes
    this.#bytes += bytes
  }
}

/** Bytes held just now by all commands of the process. */
export const messageBytesHeld = (): number => held
