import { LIMITS } from '#lib/limits'
import { IMAP_LIMITS } from './limits'
import type { Session } from './session'

const BEFORE = ['IMAP4rev1', 'IMAP4rev2', 'LITERAL+', 'SASL-IR', 'ID', 'ENABLE', 'IDLE']
const AUTH = ['AUTH=PLAIN', 'AUTH=LOGIN', 'AUTH=OAUTHBEARER', 'AUTH=XOAUTH2']

/** Each word is true: docs/rfc-support.md names the test. */
const AFTER = [
  'IMAP4rev1',
  'IMAP4rev2',
  'LITERAL+',
  'ID',
  'ENABLE',
  'IDLE',
  'NAMESPACE',
  'UNSELECT',
  'UIDPLUS',
  'MOVE',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'CHILDREN',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'LIST-MYRIGHTS',
  'LIST-METADATA',
  'STATUS=SIZE',
  'CONDSTORE',
  'QRESYNC',
  'ESEARCH',
  'SEARCHRES',
  'SORT',
  'SORT=DISPLAY',
  'ESORT',
  'CONTEXT=SEARCH',
  'CONTEXT=SORT',
  'PARTIAL',
  'THREAD=REFERENCES',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFS',
  'WITHIN',
  'BINARY',
  'CATENATE',
  'MULTIAPPEND',
  'REPLACE',
  'NOTIFY',
  'OBJECTID',
  'SAVEDATE',
  'PREVIEW',
  'METADATA',
  'ACL',
  'RIGHTS=ekntx',
  'QUOTA',
  'QUOTA=RES-STORAGE',
  'QUOTA=RES-MESSAGE',
  `APPENDLIMIT=${LIMITS.messageBytes}`,
  'UTF8=ACCEPT',
  'I18NLEVEL=1',
  'UIDONLY',
  `MESSAGELIMIT=${IMAP_LIMITS.messagesPerCommand}`,
  'URLAUTH',
  'URL-PARTIAL',
  'UNAUTHENTICATE',
  'INPROGRESS',
]

/** The capability words of a session as it stands. */
export function capabilities(session: Session): string {
  if (session.entrance) return AFTER.join(' ')
  return (session.door.secure ? [...BEFORE, ...AUTH] : [...BEFORE, 'STARTTLS', 'LOGINDISABLED']).join(' ')
}
