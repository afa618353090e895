import type { Command } from '../command'
import { copy, move, uidCopy, uidMove } from './copy'
import { expunge, uidExpunge } from './expunge'
import { store, uidStore } from './store'

/** Changing, copying, moving and removing messages of the selected mailbox. */
export const messageCommands: Readonly<Record<string, Command>> = {
  STORE: store,
  'UID STORE': uidStore,
  COPY: copy,
  'UID COPY': uidCopy,
  MOVE: move,
  'UID MOVE': uidMove,
  EXPUNGE: expunge,
  'UID EXPUNGE': uidExpunge,
}
