import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Answer, bad, type Command, no, ok, Refused } from '../command'
import { openMailbox } from '../mailboxes'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { quote } from '../wire/format'
import { type MessageUrl, readUrl } from './url'
import { atForeignPlace, contentOf, ownAddress, readablePlace, type UrlPlace } from './url-content'
import { Writer } from './writer'

/** URLs in one command: each costs a look at a mailbox. */
const URLS_MOST = 100
const MECHANISM = 'INTERNAL'
/** In front of a token: how it was made. RFC 4467 section 10 leaves the form to the server. */
const HMAC_SHA256 = '01'

/** GENURLAUTH, RFC 4467 section 7 */
export const genUrlAuth: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    const wanted: { url: MessageUrl; mechanism: string }[] = []
    do {
      cursor.space()
      const url = readUrl(cursor.astring())
      if (!url?.absolute || url.rump === undefined || url.token !== undefined)
        return cursor.fail('A URL of a message with URLAUTH and without a token was expected')
      cursor.space()
      wanted.push({ url, mechanism: cursor.word() })
      limit(cursor, wanted)
    } while (!cursor.atEnd)
    return (session) => generate(session, wanted)
  },
}

/** RESETKEY, RFC 4467 section 7 */
export const resetKey: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    let mailbox: string | undefined
    const mechanisms: string[] = []
    if (!cursor.atEnd) {
      cursor.space()
      mailbox = cursor.mailbox()
      while (cursor.more()) mechanisms.push(cursor.word())
    }
    return (session) => reset(session, mailbox, mechanisms)
  },
}

/** URLFETCH, RFC 4467 section 7 */
export const urlFetch: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    const urls: string[] = []
    do {
      cursor.space()
      urls.push(cursor.astring())
      limit(cursor, urls)
    } while (!cursor.atEnd)
    return (session) => fetchUrls(session, urls)
  },
}

function limit(cursor: Cursor, all: readonly unknown[]): void {
  if (all.length > URLS_MOST) cursor.fail('Too many URLs')
}

async function tokenOf(place: UrlPlace, rump: string): Promise<string> {
  const key = await place.store.urlKey(place.folder.id)
  return HMAC_SHA256 + createHmac('sha256', key).update(rump, 'latin1').digest('hex')
}

async function generate(session: Session, wanted: readonly { url: MessageUrl; mechanism: string }[]): Promise<Answer> {
  if (wanted.some(({ mechanism }) => mechanism !== MECHANISM)) return bad('INTERNAL is the only mechanism')
  const signed: string[] = []
  for (const { url } of wanted) {
    // One's own name only, or anyone who may read a mailbox could speak for its owner.
    const place = url.user === undefined ? undefined : await readablePlace(session, url)
    if (!place || (url.uidValidity ?? place.folder.uidValidity) !== place.folder.uidValidity)
      throw new Refused('There is no such message of yours', `BADURL ${quote(url.text)}`)
    signed.push(`${url.rump}:${MECHANISM.toLowerCase()}:${await tokenOf(place, url.rump ?? '')}`)
  }
  session.untagged(`GENURLAUTH${signed.map((url) => ` ${quote(url)}`).join('')}`)
  return ok('Generated')
}

async function reset(session: Session, name: string | undefined, mechanisms: readonly string[]): Promise<Answer> {
  if (mechanisms.some((mechanism) => mechanism !== MECHANISM)) return no('INTERNAL is the only mechanism')
  const { store } = session
  if (name === undefined) for (const { id } of await store.folders()) await store.urlKey(id, true)
  else {
    const { folder, own } = await openMailbox(session, name)
    if (!own) return no('Only its owner can do that', 'NOPERM')
    await store.urlKey(folder.id, true)
  }
  return ok('URLs made before are void', `URLMECH ${MECHANISM}`)
}

async function fetchUrls(session: Session, urls: readonly string[]): Promise<Answer> {
  const writer = new Writer(session.out)
  for (const text of urls) {
    const bytes = await authorised(session, text)
    writer.text(`* URLFETCH ${quote(text)} `)
    if (bytes) writer.string('', bytes)
    else writer.text('NIL')
    writer.text('\r\n')
    writer.end()
    if (session.out.full) await session.out.flush()
  }
  return ok('Fetched')
}

/** What a URL leads to, when its token is good, its time not over and this account the one it is for; else nothing, whatever is wrong. */
async function authorised(session: Session, text: string): Promise<Buffer | undefined> {
  const url = readUrl(text)
  if (!url?.absolute || url.mechanism !== MECHANISM || url.token === undefined || url.rump === undefined)
    return undefined
  if (url.user === undefined || url.mailbox === undefined || !isFor(session, url.access ?? '')) return undefined
  if (url.expiresAt !== undefined && url.expiresAt <= Date.now()) return undefined
  const { user, mailbox, rump, token } = url
  const read = async (place: UrlPlace) => {
    const given = Buffer.from(token.toLowerCase(), 'latin1')
    const right = Buffer.from(await tokenOf(place, rump), 'latin1')
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
    return contentOf(place, url)
  }
  if (user !== ownAddress(session)) return atForeignPlace(session, { user, mailbox }, read)
  const place = await readablePlace(session, url)
  return place && read(place)
}

/** RFC 4467 section 3. `submit+` is for a submission server that acts for the user; ours has no IMAP session but the user's own. */
function isFor(session: Session, access: string): boolean {
  if (access === 'anonymous' || access === 'authuser') return true
  const plus = access.indexOf('+')
  return plus > 0 && access.slice(plus + 1) === ownAddress(session)
}
