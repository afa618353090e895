import { LIMITS } from '#lib/limits'
import { textOf } from '#mailcore/door/sasl'
import type { Argument } from './read-command'
import { BadCommand } from './session'

export function noArguments(args: readonly Argument[]): void {
  if (args.length > 0) throw new BadCommand('This command has no arguments')
}

/** Exactly so many arguments, all of them strings. */
export function stringsOf(args: readonly Argument[], count: number): Buffer[] {
  const strings = args.flatMap((arg) => (arg.kind === 'string' ? [arg.bytes] : []))
  if (args.length !== count || strings.length !== count) throw new BadCommand(`This command has ${count} strings`)
  return strings
}

/** Not in a name: controls of ASCII and Latin-1, and the separators of lines and paragraphs (RFC 5804 section 1.6). */
const FORBIDDEN = /[\p{Cc}\u2028\u2029]/u

/** A script's name, in the normal form of Net-Unicode (RFC 5198), so that one name is one script. */
export function scriptName(bytes: Buffer): string {
  const name = bytes.length <= LIMITS.scriptNameBytes ? textOf(bytes)?.normalize('NFC') : undefined
  if (!name || FORBIDDEN.test(name)) throw new BadCommand('That is no name for a script')
  return name
}
