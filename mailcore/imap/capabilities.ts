import type { Connection } from './types'

/** What we really support. imap-core also offers XLIST, AUTH=PLAIN-CLIENTTOKEN and, before login, QUOTA. */
const BEFORE_LOGIN = 'IMAP4rev1 AUTH=PLAIN ENABLE ID IDLE NAMESPACE SASL-IR UNSELECT'
const AFTER_LOGIN =
  'IMAP4rev1 CHILDREN CONDSTORE ENABLE ID IDLE MOVE NAMESPACE QUOTA SPECIAL-USE UIDPLUS UNSELECT UTF8=ACCEPT'

export const capabilitiesOf = (connection: Connection): string =>
  connection.state === 'Not Authenticated'
    ? BEFORE_LOGIN
    : `${AFTER_LOGIN} APPENDLIMIT=${connection._server.options.maxMessage}`
