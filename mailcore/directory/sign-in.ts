import type { Databases } from '#db/client'
import {
  countFailure,
  findSignIn,
  findToken,
  isAddressOf,
  readFailures,
  type SignInRow,
  type TokenRow,
  touchAccessToken,
  touchCredential,
} from '#db/control/queries/lookup'
import { accessTokenKey, hashAccessToken, isAccessTokenText } from '#lib/crypto/access-token'
import { open } from '#lib/crypto/aead'
import { keyedHash } from '#lib/crypto/hash'
import { appPasswordText, isAppPassword, passwordsWaiting, verifyNothing, verifyPassword } from '#lib/crypto/password'
import { networkOf } from '#lib/ip'
import { LIMITS } from '#lib/limits'
import type { Directory, SignInResult } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { type Attempts, createAttempts } from './attempts'

interface Parts {
  db: Databases
  /** 32 bytes; the key of address hashes */
  lookupKey: Buffer
}

type Login = Parameters<Directory['signIn']>[0]
type TokenLogin = Parameters<Directory['signInByToken']>[0]

const WRONG: SignInResult = { ok: false, reason: 'credentials' }
const TOO_MANY_FAILURES: SignInResult = {
  ok: false,
  reason: 'slow-down',
  retryAfterS: Math.ceil(LIMITS.failedLoginWindowMs / 1000),
}
/** The line of passwords to be checked is gone in about four seconds, if nobody joins it. */
const TOO_MANY_AT_ONCE: SignInResult = { ok: false, reason: 'slow-down', retryAfterS: 5 }

/** Signing in by password, app password or access token; see ports.Directory. */
export function createSignIn(parts: Parts): Pick<Directory, 'signIn' | 'signInByToken'> {
  const line: Line = { attempts: createAttempts(LIMITS.passwordsWaiting), checking: 0 }
  return {
    signIn: (login) => signIn(parts, line, login),
    signInByToken: (login) => signInByToken(parts, login),
  }
}

/** Those who wait to be checked: for room under a ceiling of failures, or for the slow hash. */
interface Line {
  attempts: Attempts
  /** Passwords at the slow hash or in line for it, counted in the turn in which the room was seen. */
  checking: number
}

const hashOf = (parts: Parts, address: string): Buffer => keyedHash(parts.lookupKey, 'address', address)

/**
 * Checks a password. Unknown name, wrong password and suspension cost alike, and the first two answer alike. Failures are counted by keyed hashes
 * of account and network together, of the account and of the network, shared by all doors and processes; LIMITS says how many and why. Attempts
 * in flight count too, in their own process: a burst over several processes may exceed a ceiling by as many times, once.
 */
async function signIn(parts: Parts, line: Line, login: Login): Promise<SignInResult> {
  const lookup = parts.db.control.lookup
  const parsed = parseAddress(login.username.trim())
  const name = parsed?.address ?? login.username.slice(0, LIMITS.addressBytes)
  const rows = parsed ? await findSignIn(lookup, hashOf(parts, parsed.address)) : []
  const app = appPasswordText(login.password)
  const counters = countersOf(parts, name, networkOf(login.peer))
  // An app password is not guessable and costs no slow hash: the count does not hold its owner's mail program out.
  const byApp = app === null ? undefined : rows.find((row) => row.kind === 'app' && isAppPassword(row.secretHash, app))
  if (byApp) return byApp.protocols.includes(login.protocol) ? admit(parts, name, byApp) : fail(parts, counters)
  if (isFull(line)) return TOO_MANY_AT_ONCE
  const counted = counters.map(({ key, most }) => ({ key: key.toString('hex'), most }))
  const attempt = await line.attempts.begin(counted, () => failuresOf(parts, counters))
  if (!attempt.ok) return attempt.why === 'line' ? TOO_MANY_AT_ONCE : TOO_MANY_FAILURES
  try {
    // Asked again, as many may have come while the failures were read.
    if (isFull(line)) return TOO_MANY_AT_ONCE
    line.checking++
    const match = await matchPassword(rows, login.password).finally(() => line.checking--)
    return match?.protocols.includes(login.protocol) ? await admit(parts, name, match) : await fail(parts, counters)
  } finally {
    attempt.end()
  }
}

const isFull = ({ attempts, checking }: Line): boolean =>
  attempts.waiting() + Math.max(passwordsWaiting(), checking) >= LIMITS.passwordsWaiting

async function admit(parts: Parts, address: string, row: SignInRow): Promise<SignInResult> {
  if (row.tenantState !== 'active' || row.state !== 'active') return { ok: false, reason: 'suspended' }
  const { tenantId, accountId, region, credentialId, epoch } = row
  await touchCredential(parts.db.control.lookup, tenantId, credentialId)
  return { ok: true, account: { tenantId, accountId, region, address, credentialId, maySend: true, epoch } }
}

/**
 * Checks an access token. Like an app password it cannot be guessed and costs no slow hash, so that the count of failures holds no right one out;
 * a wrong one counts, and once there are too many is answered `slow-down`. A client may name an account, which must be the token's.
 */
async function signInByToken(parts: Parts, login: TokenLogin): Promise<SignInResult> {
  const lookup = parts.db.control.lookup
  const claimed = login.username.trim()
  const found = isAccessTokenText(login.token) ? await findToken(lookup, hashAccessToken(login.token)) : undefined
  const name = claimed === '' ? '' : (parseAddress(claimed)?.address ?? claimed.slice(0, LIMITS.addressBytes))
  const address = found && (name === '' ? addressIn(found, login.token) : name)
  const own = found && address ? await isAddressOf(lookup, found, hashOf(parts, address)) : false
  if (!found || !address || !own || !found.protocols.includes(login.protocol)) {
    const counters = countersOf(parts, name, networkOf(login.peer))
    const failures = await failuresOf(parts, counters)
    return counters.some(({ most }, at) => (failures[at] ?? 0) >= most) ? TOO_MANY_FAILURES : fail(parts, counters)
  }
  if (found.tenantState !== 'active' || found.state !== 'active') return { ok: false, reason: 'suspended' }
  const { tenantId, accountId, region, tokenId, epoch } = found
  await touchAccessToken(lookup, tenantId, tokenId)
  return { ok: true, account: { tenantId, accountId, region, address, credentialId: tokenId, maySend: true, epoch } }
}

/** The address its owner had when the token was made. */
const addressIn = (row: TokenRow, token: string): string =>
  open(accessTokenKey(token), row.addressSealed, ['access-token-address/v1', row.tokenId]).toString()

interface Counter {
  key: Buffer
  most: number
}

/** What failures are counted by: the account from this network, the account, and the network. Who names no account is counted by network alone. */
function countersOf(parts: Parts, name: string, network: string): Counter[] {
  const hash = (purpose: string, text: string) => keyedHash(parts.lookupKey, purpose, text)
  const byNetwork = { key: hash('failed network', network), most: LIMITS.failedLoginsPerNetwork }
  if (name === '') return [byNetwork]
  return [
    { key: hash('failed login from network', `${network}|${name}`), most: LIMITS.failedLoginsPerAccountFromNetwork },
    { key: hash('failed login', name), most: LIMITS.failedLoginsPerAccount },
    byNetwork,
  ]
}

const keysOf = (counters: readonly Counter[]): Buffer[] => counters.map(({ key }) => key)

const failuresOf = (parts: Parts, counters: readonly Counter[]): Promise<number[]> =>
  readFailures(parts.db.control.lookup, keysOf(counters), new Date(Date.now() - LIMITS.failedLoginWindowMs))

/** Notes a failure by the minute, and answers with it. */
async function fail(parts: Parts, counters: readonly Counter[]): Promise<SignInResult> {
  const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  await countFailure(parts.db.control.lookup, keysOf(counters), minute)
  return WRONG
}

async function matchPassword(rows: readonly SignInRow[], password: string): Promise<SignInRow | undefined> {
  const usable = Buffer.byteLength(password) <= LIMITS.passwordBytes
  const own = rows.find((row) => row.kind === 'password')
  if (!own || !usable) {
    await verifyNothing(usable ? password : '')
    return undefined
  }
  return (await verifyPassword(own.secretHash, password)) ? own : undefined
}
