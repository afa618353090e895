import type { Command } from '../command'
import { append } from './append'
import { replace, uidReplace } from './replace'

/** Putting messages into mailboxes. */
export const appendCommands: Readonly<Record<string, Command>> = {
  APPEND: append,
  REPLACE: replace,
  'UID REPLACE': uidReplace,
}
