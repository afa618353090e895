import type { Command } from '../command'
import { fetch, uidFetch } from './fetch'
import { genUrlAuth, resetKey, urlFetch } from './urlauth'

/** Reading messages of the selected mailbox, and by URL. */
export const fetchCommands: Readonly<Record<string, Command>> = {
  FETCH: fetch,
  'UID FETCH': uidFetch,
  GENURLAUTH: genUrlAuth,
  RESETKEY: resetKey,
  URLFETCH: urlFetch,
}
