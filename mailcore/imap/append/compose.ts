import { LIMITS } from '#lib/limits'
import type { NewMessage } from '#mailcore/ports'
import { Refused } from '../command'
import { readUrl } from '../fetch/url'
import { contentOf, readablePlace } from '../fetch/url-content'
import type { Session } from '../session'
import { quote } from '../wire/format'
import type { Incoming } from './arguments'

/** The message as it will be stored. `rights` are those on the mailbox it goes to. Throws Refused with BADURL or TOOBIG. */
export async function compose(session: Session, incoming: Incoming, rights: string): Promise<NewMessage> {
  const raw = await bytesOf(session, incoming)
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

async function bytesOf(session: Session, { parts }: Incoming): Promise<Buffer> {
  const [only] = parts
  if (only?.kind === 'bytes' && parts.length === 1) return only.data
  const pieces: Buffer[] = []
  let bytes = 0
  for (const part of parts) {
    const piece = part.kind === 'bytes' ? part.data : await fetchUrl(session, part.url)
    bytes += piece.length
    if (bytes > LIMITS.messageBytes) throw new Refused('The message is too large', 'TOOBIG')
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

/** A response code holds no literal, which a very long URL would become. */
const badUrl = (text: string): string => quote(text.slice(0, 1_000))
