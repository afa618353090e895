import { accessCommands } from './access/index'
import { appendCommands } from './append/index'
import type { Command } from './command'
import { fetchCommands } from './fetch/index'
import { foldersCommands } from './folders/index'
import { messageCommands } from './messages/index'
import { searchCommands } from './search/index'

/** Every command by its name, in capitals. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...accessCommands,
    ...foldersCommands,
    ...messageCommands,
    ...fetchCommands,
    ...searchCommands,
    ...appendCommands,
  }),
)
