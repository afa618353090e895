import { type Answer, type Command, ok, Refused } from '../command'
import { OWNER_RIGHTS, openMailbox } from '../mailboxes'
import type { Session } from '../session'
import { formatMailbox, quote, utf8 } from '../wire/format'
import { grant, grantedTo, identify, readIdentifier } from './acl-identifier'
import { canonical, RIGHTS, readRights, rightsText } from './acl-rights'
import { readMailbox } from './name'

type Mode = '+' | '-' | ''

/** RFC 4314 section 3.1 */
export const setAcl: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    cursor.space()
    const identifier = readIdentifier(cursor)
    cursor.space()
    const text = cursor.astring()
    const mode: Mode = text.startsWith('+') ? '+' : text.startsWith('-') ? '-' : ''
    const rights = readRights(text.slice(mode.length)) ?? cursor.fail(`Rights are letters among ${RIGHTS}`)
    return (session) => changeRights(session, name, identifier, mode, rights)
  },
}

/** RFC 4314 section 3.2 */
export const deleteAcl: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    cursor.space()
    const identifier = readIdentifier(cursor)
    return (session) => changeRights(session, name, identifier, '', '')
  },
}

async function changeRights(
  session: Session,
  name: string,
  identifier: string,
  mode: Mode,
  letters: string,
): Promise<Answer> {
  const ref = await openMailbox(session, name, 'a')
  const grants = await ref.store.grants(ref.folder.id)
  const grantee = await identify(session, ref, identifier, grants)
  const before = grantee === 'owner' ? OWNER_RIGHTS : grantedTo(grants, grantee)
  const after = changed(before, mode, letters)
  if (after === before) return ok('Nothing to change')
  if (grantee === 'owner') throw new Refused('The owner of a mailbox keeps every right on it.', 'CANNOT')
  await grant(ref, grantee, after)
  return ok('Changed')
}

function changed(before: string, mode: Mode, letters: string): string {
  switch (mode) {
    case '+':
      return canonical(before + letters)
    case '-':
      return [...before].filter((letter) => !letters.includes(letter)).join('')
    case '':
      return letters
  }
}

/** RFC 4314 section 3.3 */
export const getAcl: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    return async (session) => {
      const ref = await openMailbox(session, name, 'a')
      const pairs = [`${identifierText(ref.owner)} ${rightsText(OWNER_RIGHTS)}`]
      for (const { grantee, rights } of await ref.store.grants(ref.folder.id)) {
        pairs.push(`${identifierText(grantee === 'anyone' ? grantee : grantee.address)} ${rightsText(rights)}`)
      }
      session.untagged(`ACL ${formatMailbox(ref.name, session.wide)} ${pairs.join(' ')}`)
      return ok('Rights')
    }
  },
}

const identifierText = (identifier: string): string =>
  /^[A-Za-z0-9@._+-]+$/.test(identifier) ? identifier : quote(utf8(identifier))

/** RFC 4314 section 3.4: the owner always has every right, anyone else may be granted each by itself. */
export const listRights: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    cursor.space()
    const identifier = readIdentifier(cursor)
    return async (session) => {
      const ref = await openMailbox(session, name, 'a')
      const grantee = await identify(session, ref, identifier, await ref.store.grants(ref.folder.id))
      const rights = grantee === 'owner' ? rightsText(OWNER_RIGHTS) : `"" ${[...RIGHTS, 'c', 'd'].join(' ')}`
      session.untagged(`LISTRIGHTS ${formatMailbox(ref.name, session.wide)} ${identifierText(identifier)} ${rights}`)
      return ok('Rights')
    }
  },
}

/** RFC 4314 section 3.5 */
export const myRights: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    return async (session) => {
      const ref = await openMailbox(session, name)
      session.untagged(`MYRIGHTS ${formatMailbox(ref.name, session.wide)} ${rightsText(ref.rights)}`)
      return ok('Rights')
    }
  },
}
