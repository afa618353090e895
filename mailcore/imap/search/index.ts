import type { Command } from '../command'
import { cancelUpdate } from './cancel-update'
import { searchCommand } from './search'
import { sortCommand } from './sort'
import { threadCommand } from './thread'

/** SEARCH and its kin by their names. */
export const searchCommands: Readonly<Record<string, Command>> = {
  SEARCH: searchCommand(false),
  'UID SEARCH': searchCommand(true),
  SORT: sortCommand(false),
  'UID SORT': sortCommand(true),
  THREAD: threadCommand(false),
  'UID THREAD': threadCommand(true),
  CANCELUPDATE: cancelUpdate,
}
