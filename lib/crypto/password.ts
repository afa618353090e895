import { createHash, randomBytes } from 'node:crypto'
import { hash as argon2, verify } from '@node-rs/argon2'
import { sameBytes } from '#lib/crypto/hash'

/** Argon2id with 19 MiB, two passes, one lane: OWASP's least, 12 to 60 ms here. Bounded side by side, so that a burst of sign-ins cannot eat the memory. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const SIDE_BY_SIDE = 4

let running = 0
const waiting: (() => void)[] = []

async function bounded<R>(work: () => Promise<R>): Promise<R> {
  if (running >= SIDE_BY_SIDE) await new Promise<void>((go) => waiting.push(go))
  running++
  try {
    return await work()
  } finally {
    running--
    waiting.shift()?.()
  }
}

/** How many passwords stand in line to be hashed in this process. Whoever checks passwords for strangers bounds it by LIMITS.passwordsWaiting. */
export const passwordsWaiting = (): number => waiting.length

/** The Argon2id hash of a password, in PHC text form. */
export const hashPassword = (password: string): Promise<string> =>
  bounded(() => argon2(password.normalize('NFC'), OPTIONS))

/** Does the password belong to this hash? A hash that cannot be read belongs to none. */
export const verifyPassword = (hash: string, password: string): Promise<boolean> =>
  bounded(() => verify(hash, password.normalize('NFC'))).catch(() => false)

let decoy: Promise<string> | undefined
/** Spends what a verification costs, for a name that does not exist (reliability W-09). */
export async function verifyNothing(password: string): Promise<void> {
  decoy ??= hashPassword(randomBytes(16).toString('hex'))
  await verifyPassword(await decoy, password)
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const APP_PASSWORD_LENGTH = 26

/** A new app password: 26 letters and digits, 130 bits of chance, in groups to be read aloud. */
export function newAppPassword(): string {
  const text = [...randomBytes(APP_PASSWORD_LENGTH)].map((byte) => ALPHABET[byte & 31]).join('')
  return text.replace(/(.{5})(?=.)/g, '$1-')
}

/** Is this shaped like an app password, however it was typed? Then it is only compared with app passwords, and costs no slow hash. */
export function appPasswordText(typed: string): string | null {
  const text = typed.replace(/[\s-]/g, '').toLowerCase()
  return text.length === APP_PASSWORD_LENGTH && /^[a-z2-7]+$/.test(text) ? text : null
}

/** SHA-256 in hexadecimal: enough for 130 random bits, and fast, since mail programs sign in often. */
export const hashAppPassword = (text: string): string =>
  createHash('sha256')
    .update(`app-password/v1|${appPasswordText(text) ?? text}`)
    .digest('hex')

/** Compares in time independent of the contents. */
export const isAppPassword = (hash: string, text: string): boolean =>
  sameBytes(Buffer.from(hash, 'hex'), Buffer.from(hashAppPassword(text), 'hex'))
