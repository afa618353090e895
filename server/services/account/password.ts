import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'

let common: ReadonlySet<string> | undefined

/** Passwords that breaches show again and again, and the stems people build on. Read once; works from the sources and from a bundle. */
function commonPasswords(): ReadonlySet<string> {
  common ??= new Set(readFileSync(listFile(), 'utf8').split('\n').filter(Boolean))
  return common
}

function listFile(): string {
  const tail = join('server', 'services', 'account', 'common-passwords.txt')
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    const file = join(dir, tail)
    try {
      readFileSync(file)
      return file
    } catch {
      if (dir === dirname(dir))
        throw new Fault('INTERNAL', 'The list of common passwords is missing from this installation.')
    }
  }
}

/** Letters people replace to make a common password pass. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[@4]/g, 'a')
    .replace(/3/g, 'e')
    .replace(/[1!|]/g, 'i')
    .replace(/0/g, 'o')
    .replace(/[$5]/g, 's')
    .replace(/7/g, 't')

const stem = (text: string): string => text.replace(/[^\p{L}]+$/u, '').replace(/^[^\p{L}]+/u, '')

/**
 * Refuses a password that is too short, too long, on the local list of breached ones (also with digits and signs around it or letters
 * replaced), built from the address, or of one repeated piece. Throws BAD_REQUEST naming `field`; the password is never part of the text.
 */
export function checkPassword(password: string, about: { address?: string; field?: string } = {}): void {
  const field = about.field ?? 'password'
  const refuse = (text: string) => new Fault('BAD_REQUEST', text, { field })
  if ([...password].length < LIMITS.passwordLeastCharacters)
    throw refuse(`A password needs at least ${LIMITS.passwordLeastCharacters} characters.`)
  if (Buffer.byteLength(password) > LIMITS.passwordBytes)
    throw refuse(`This password is too long: at most ${LIMITS.passwordBytes} bytes.`)
  const lower = password.normalize('NFC').toLowerCase()
  const known = commonPasswords()
  for (const form of [lower, stem(lower), plain(lower), stem(plain(lower)), plain(stem(lower))]) {
    if (form.length >= lower.length / 2 && known.has(form))
      throw refuse('This password, or its core, is known from breaches. Choose one that nobody else has.')
  }
  if (/^(.{1,4})\1+.{0,3}$/su.test(lower))
    throw refuse('This password repeats itself. Choose one that is harder to guess.')
  for (const part of partsOf(about.address)) {
    if (lower.includes(part)) throw refuse('A password must not contain the name or the domain of the address.')
  }
}

/** The local part and the first label of the domain, where they are long enough to be told from chance. */
function partsOf(address: string | undefined): string[] {
  if (address === undefined) return []
  const at = address.lastIndexOf('@')
  return [address.slice(0, at), address.slice(at + 1).split('.')[0] ?? ''].filter((part) => part.length >= 4)
}
