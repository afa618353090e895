import { LIMITS } from '#lib/limits'
import type { NewMessage } from '#mailcore/ports'
import { needRoom, Refused } from '../command'
import { readUrl } from '../fetch/url'
import { contentOf, readablePlace } from '../fetch/url-content'
import type { Session } from '../session'
import type { MessageRoom } from '../wire/message-room'
import type { Incoming } from './arguments'

/** Where a message goes: `rights` are those on the mailbox, `room` takes what comes from URLs beside the literals. */
interface Goal {
  rights: string
  room: MessageRoom
}

/** The message as it will be stored. Throws Refused with BADURL, TOOBIG, or for want of room. */
export async function compose(session: Session, incoming: Incoming, { rights, room }: Goal): Promise<NewMessage> {
  const raw = await bytesOf(session, incoming, room)
  // RFC 3502 6.3.11: an empty literal is how a client takes its APPEND back.
  if (raw.length === 0) throw new Refused('An empty message is not stored')
  return {
    raw,
    flags: incoming.flags.filter((flag) => rights.includes(rightFor(flag))),
    receivedAt: incoming.receivedAt ?? new Date(),
  }
}

/** RFC 4314 section 4: flags one may not set are left out, and the message is stored. */
const rightFor = (flag: string): string => (/^\\seen$/i.test(flag) ? 's' : /^\\deleted$/i.test(flag) ? 't' : 'w')

async function bytesOf(session: Session, { parts }: Incoming, room: MessageRoom): Promise<Buffer> {
  const [only] = parts
  if (only?.kind === 'bytes' && parts.length === 1) return only.data
  const pieces: Buffer[] = []
  let bytes = 0
  for (const part of parts) {
    const piece = part.kind === 'bytes' ? part.data : await fetchUrl(session, part.url)
    bytes += piece.length
    if (bytes > LIMITS.messageBytes) throw new Refused('The message is too large', 'TOOBIG')
    // A URL has some twenty bytes and leads to fifty million, and a command has room for thousands.
    if (part.kind === 'url') needRoom(room, piece.length)
    pieces.push(piece)
  }
  return Buffer.concat(pieces, bytes)
}

/** RFC 4469 section 5: a URL of the account's own mail, or of what is shared with it. */
async function fetchUrl(session: Session, text: string): Promise<Buffer> {
  const url = readUrl(text)
  const place = url && (await readablePlace(session, url))
  const bytes = url && place && (await contentOf(place, url))
  if (!bytes) throw new Refused('A URL leads to nothing', `BADURL ${badUrl(text)}`)
  return bytes
}

/** As it was written, without quotes (RFC 4469 section 5, url-resp-text); "]" would end the response code. */
const badUrl = (text: string): string => text.slice(0, 1_000).replaceAll(']', '%5D')
