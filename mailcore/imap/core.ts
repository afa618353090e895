import { createRequire } from 'node:module'
import { installGuards } from './guards'
import type { CommandModule, CommandReader, Connection, Core, Parser, Tools } from './types'

const require = createRequire(import.meta.url)

const LIB = 'wildduck/imap-core/lib'
let loaded: Core | undefined

/**
 * Loads imap-core, once, with its guards on. Order matters: imap-core's LIST copies functions out of imap-tools as it
 * loads, so they are mended first; and wildduck would read ./config and argv unless told not to.
 */
export function loadCore(): Core {
  if (loaded) return loaded
  process.env.DISABLE_WILD_CONFIG = 'true'
  const tools = require(`${LIB}/imap-tools`) as Tools
  installGuards({ tools })
  const { IMAPServer } = require(`${LIB}/imap-server`) as { IMAPServer: Core['Server'] }
  const { IMAPCommand } = require(`${LIB}/imap-command`) as { IMAPCommand: { prototype: CommandReader } }
  const { IMAPConnection } = require(`${LIB}/imap-connection`) as { IMAPConnection: { prototype: Connection } }
  const { IMAPStream } = require(`${LIB}/imap-stream`) as { IMAPStream: { prototype: Parser } }
  const { compiler } = require(`${LIB}/handler/imap-handler`) as { compiler: Core['compile'] }
  const { setGelf } = require('wildduck/lib/errors') as { setGelf: (sink: { emit(): void }) => void }
  loaded = {
    Server: IMAPServer,
    tools,
    compile: compiler,
    connection: IMAPConnection.prototype,
    reader: IMAPCommand.prototype,
    parser: IMAPStream.prototype,
    command: (name) => require(`${LIB}/commands/${name}`) as CommandModule,
    silence: () => setGelf({ emit: () => undefined }),
  }
  installGuards(loaded)
  return loaded
}
