import { Fault } from '#lib/errors'

/** Doors an app password or access token may open; never the web, where passwords are changed. */
export const APP_PROTOCOLS = ['imap', 'pop3', 'submission'] as const
export type AppProtocol = (typeof APP_PROTOCOLS)[number]

/** The doors chosen, each once and in one order. Throws BAD_REQUEST when there is none. */
export function protocolsOf(chosen: readonly AppProtocol[] = APP_PROTOCOLS): AppProtocol[] {
  const protocols = APP_PROTOCOLS.filter((one) => chosen.includes(one))
  if (protocols.length === 0) throw new Fault('BAD_REQUEST', 'Choose at least one use.', { field: 'protocols' })
  return protocols
}
