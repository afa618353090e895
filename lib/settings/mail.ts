import { isIP } from 'node:net'
import { Fault } from '#lib/errors'
import type { Environment } from '#lib/settings/env-file'

/** What happens to mail while a scanner does not answer: it comes in marked, or the sender tries again. */
export type WhenDown = 'accept' | 'defer'

export interface MailSettings {
  readonly dns: {
    /** Name servers as `1.2.3.4` or `1.2.3.4:53`; none: those of the system. */
    readonly servers: readonly string[]
    /** They validate DNSSEC and are reached over a path that nobody can alter (RFC 4035 4.9.3): their AD bit counts, and so does DANE. */
    readonly validating: boolean
  }
  /** Base URL of rspamd's normal worker; null: none. */
  readonly rspamd: { readonly url: string; readonly whenDown: WhenDown } | null
  /** clamd's socket: a path, or host and port; null: none. */
  readonly clamd: {
    readonly path?: string
    readonly host?: string
    readonly port?: number
    readonly whenDown: WhenDown
  } | null
  /** IP addresses of proxies in front of the MX that begin with a PROXY line: from these, and only these, it is required. */
  readonly proxyFrom: readonly string[]
  /** Do aggregate reports go to the domains that ask for them (RFC 7489 7.2, RFC 8460)? */
  readonly sendReports: boolean
  /** IP addresses of filters that hand in mail over LMTP (RFC 2033); none: the door is not opened. */
  readonly lmtpFrom: readonly string[]
}

/** Reads the settings of mail in and out. Throws a Fault whose message is one sentence that names the variable. */
export function parseMailSettings(env: Environment): MailSettings {
  return Object.freeze({
    dns: Object.freeze({
      servers: list(env.DNS_SERVERS, 'DNS_SERVERS', isServer),
      validating: yes(env, 'DNS_VALIDATING', false),
    }),
    rspamd:
      env.RSPAMD_URL === undefined
        ? null
        : { url: parseUrl(env.RSPAMD_URL), whenDown: whenDown(env, 'RSPAMD_WHEN_DOWN', 'accept') },
    clamd:
      env.CLAMD === undefined
        ? null
        : { ...parseClamd(env.CLAMD), whenDown: whenDown(env, 'CLAMD_WHEN_DOWN', 'defer') },
    proxyFrom: list(env.PROXY_FROM, 'PROXY_FROM', (text) => isIP(text) !== 0),
    sendReports: yes(env, 'SEND_REPORTS', false),
    lmtpFrom: list(env.LMTP_FROM, 'LMTP_FROM', (text) => isIP(text) !== 0),
  })
}

const isServer = (text: string): boolean => {
  const [, address, port] = /^\[?([0-9a-fA-F.:]+?)\]?(?::(\d{1,5}))?$/.exec(text) ?? []
  return isIP(text) !== 0 || (isIP(address ?? '') !== 0 && Number(port) > 0 && Number(port) < 65_536)
}

function list(text: string | undefined, name: string, valid: (one: string) => boolean): readonly string[] {
  const parts = (text ?? '').split(',').map((part) => part.trim())
  const found = parts.filter((part) => part !== '')
  const wrong = found.find((part) => !valid(part))
  if (wrong !== undefined)
    throw new Fault(
      'BAD_REQUEST',
      `${name} must be IP addresses with commas between them; "${wrong.slice(0, 80)}" is not one.`,
    )
  return Object.freeze(found)
}

function yes(env: Environment, name: string, initially: boolean): boolean {
  const text = env[name]
  if (text === undefined) return initially
  if (text !== 'yes' && text !== 'no')
    throw new Fault('BAD_REQUEST', `${name} must be yes or no; it is "${text.slice(0, 80)}".`)
  return text === 'yes'
}

function whenDown(env: Environment, name: string, initially: WhenDown): WhenDown {
  const text = env[name] ?? initially
  if (text !== 'accept' && text !== 'defer')
    throw new Fault('BAD_REQUEST', `${name} must be accept or defer; it is "${text.slice(0, 80)}".`)
  return text
}

function parseUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Fault('BAD_REQUEST', 'RSPAMD_URL must look like http://127.0.0.1:11333.')
  return url.href.replace(/\/+$/, '')
}

function parseClamd(text: string): { path?: string; host?: string; port?: number } {
  if (text.startsWith('/')) return { path: text }
  const [, host, port] = /^\[?([0-9a-zA-Z.:-]+?)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new Fault('BAD_REQUEST', 'CLAMD must be the path of a socket, or host:port.')
  return { host, port: Number(port) }
}
