import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { MailStore } from '#mailcore/ports'
import type { Door } from '../door'
import { type Special, serve } from '../refusal'
import { storeOf } from '../sessions'
import type { CodeDone, Handlers, Session } from '../types'

/** A name with control characters would break the quoted strings and logs of other software. */
function checkName(path: string): string {
  if (/\p{Cc}/u.test(path) || Buffer.byteLength(path) > LIMITS.folderPathBytes || /(^|\/)(\/|$)/.test(path)) {
    throw new Fault('BAD_REQUEST', 'That is no name for a folder')
  }
  return path
}

/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3.3 to 6.3.7; codes of RFC 5530). */
export function createFolders(
  door: Door,
): Pick<Handlers, 'onCreate' | 'onDelete' | 'onRename' | 'onSubscribe' | 'onUnsubscribe'> {
  const run = (
    options: { command: string; session: Session; done: CodeDone; special?: Special },
    work: (store: MailStore) => Promise<unknown>,
  ) => {
    const { command, session, done, special } = options
    serve({ log: door.log, session, command, special }, async () => void (await work(storeOf(session))), {
      reply: () => done(null, true),
      refuse: (code) => done(null, code),
    })
  }
  const taken: Special = { CONFLICT: 'ALREADYEXISTS' }
  return {
    onCreate: (path, session, done) =>
      run({ command: 'CREATE', session, done, special: taken }, (store) => store.createFolder(checkName(path))),
    onDelete: (path, session, done) => run({ command: 'DELETE', session, done }, (store) => store.deleteFolder(path)),
    onRename: (from, to, session, done) =>
      run({ command: 'RENAME', session, done, special: taken }, (store) => store.renameFolder(from, checkName(to))),
    onSubscribe: (path, session, done) =>
      run({ command: 'SUBSCRIBE', session, done }, (store) => store.subscribe(path, true)),
    onUnsubscribe: (path, session, done) =>
      run({ command: 'UNSUBSCRIBE', session, done }, (store) => store.subscribe(path, false)),
  }
}
