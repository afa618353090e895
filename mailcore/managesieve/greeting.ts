import { SIEVE_LIMITS } from '#mailcore/sieve/limits'
import { type Handler, ok, type SieveSession, stringOf } from './session'
import { noArguments } from './words'

/** What RFC 5804 section 1.7 lists. LOGIN is not among them: it was never a mechanism of this protocol. */
export const SIEVE_MECHANISMS = ['PLAIN', 'OAUTHBEARER', 'XOAUTH2'] as const

/** The capabilities as they are in the present state. An empty list of mechanisms says: STARTTLS first. */
export function writeCapabilities(session: SieveSession): void {
  const { secure } = session.wire
  const lines: [string, string?][] = [
    ['IMPLEMENTATION', 'MailTight'],
    ['SIEVE', session.shared.sieve.extensions.join(' ')],
    ['SASL', secure ? SIEVE_MECHANISMS.join(' ') : ''],
    ...(secure ? [] : ([['STARTTLS']] as [string][])),
    ['MAXREDIRECTS', String(SIEVE_LIMITS.redirects)],
    ['UNAUTHENTICATE'],
    ...(session.entrance ? ([['OWNER', session.entrance.account.address]] as [string, string][]) : []),
    ['VERSION', '1.0'],
  ]
  const { output } = session.wire
  for (const line of lines)
    output.text(`${line.flatMap((word) => (word === undefined ? [] : [stringOf(word)])).join(' ')}\r\n`)
}

export function greet(session: SieveSession): void {
  writeCapabilities(session)
  ok(session, `${session.shared.hostname} ManageSieve ready`)
}

export const capability: Handler = (session, args) => {
  noArguments(args)
  writeCapabilities(session)
  ok(session, 'These are mine')
}
