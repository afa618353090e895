import { capabilitiesOf } from './capabilities'
import { guardCommands } from './guard-commands'
import { guardConnection } from './guard-connection'
import { guardInput } from './guard-input'
import { matchesPattern } from './pattern'
import { isSequenceSet, uidsOfSet } from './sets'
import type { Core, Tools } from './types'

/**
 * Run-time patches of imap-core 1.46.1, each against an attack or a fault we demonstrated. Patches, not a fork: its
 * licence (EUPL) would make us offer our copy. Call twice: with the tools alone before the rest loads, then with all.
 */
export function installGuards(core: Core | { tools: Tools }): void {
  if (!('reader' in core)) {
    guardTools(core.tools)
    return
  }
  // By default every protocol error goes to stderr with user id, address and 256 characters of the client's line.
  core.silence()
  guardInput(core)
  guardConnection(core)
  guardCommands(core)
}

function guardTools(tools: Tools): void {
  // "0" became 1 (`Number(part) || 1`): a client asking for nothing deleted its first message. Now it is BAD (M-07).
  tools.validateSequence = isSequenceSet
  // The set was compared with every message: 200,000 items by 10,000 messages blocked the process for minutes (M-05).
  tools.getMessageRange = (uidList, range, isUid) => uidsOfSet(uidList, String(range ?? ''), isUid)
  // A regular expression built from the client's pattern (CVE-2026-33607).
  tools.filterFolders = (folders, pattern) => folders.filter((folder) => matchesPattern(folder.path, pattern))
  tools.sendCapabilityResponse = (connection) => connection.send(`* CAPABILITY ${capabilitiesOf(connection)}`)
}
