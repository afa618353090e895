import type { Leased, Signer } from '#mailcore/ports'
import { parseAddress, parseAddressList } from '#mailcore/proto/address'
import { allValues, firstValue, type Header, readHeader } from '#mailcore/proto/header'
import { canonicalBytes, hasEightBit } from './client/wire-bytes'

/** A message as it leaves. */
export interface Prepared {
  /** With its signatures in front; canonical */
  message: Buffer
  eightBit: boolean
  /** Message-ID without brackets; '' where it has none */
  messageId: string
  /** Names of the fields that were added */
  added: readonly string[]
}

type What = Pick<Leased, 'raw' | 'origin' | 'sender'>

/**
 * Makes the message canonical and signs it. What an account sends, and what a program here has written, is signed for the domain of its From (which
 * submission has checked). A list signs for its own domain. What was only passed on keeps its author's signatures and gets an ARC set of the domain that
 * passes it on: were it signed for its From, whoever forges one would get our signature through a forward.
 */
export async function prepare(one: What, signer: Signer | undefined): Promise<Prepared> {
  const message = canonicalBytes(one.raw)
  const header = readHeader(message)
  const messageId = /<([^<>\s]{1,500})>/.exec(firstValue(header, 'message-id') ?? '')?.[1] ?? ''
  const fields = signer ? await signatures(one, message, header, signer) : ''
  const whole = fields === '' ? message : Buffer.concat([Buffer.from(fields, 'latin1'), message])
  return { message: whole, eightBit: hasEightBit(whole), messageId, added: namesIn(fields) }
}

async function signatures(one: What, message: Buffer, header: Header, signer: Signer): Promise<string> {
  const from = authorDomain(header)
  if (one.origin === 'account') return from === null ? '' : signer.sign(from, message)
  const own = parseAddress(one.sender)?.domain ?? null
  if (one.origin === 'automatic' && isWrittenHere(header)) return from === null ? '' : signer.sign(from, message)
  if (own === null) return ''
  const seal = await signer.seal(own, message)
  if (one.origin !== 'list') return seal
  const sealed = seal === '' ? message : Buffer.concat([Buffer.from(seal, 'latin1'), message])
  return (await signer.sign(own, sealed)) + seal
}

function authorDomain(header: Header): string | null {
  const [author] = parseAddressList(firstValue(header, 'from') ?? '')
  return author ? (parseAddress(`${author.local}@${author.domain}`)?.domain ?? null) : null
}

/** Every message that came through the MX has a Received field that says from whom; what is written here has none. */
const isWrittenHere = (header: Header): boolean =>
  !allValues(header, 'received').some((value) => /^from\s/i.test(value))

const namesIn = (fields: string): string[] => [...fields.matchAll(/^([A-Za-z0-9-]+):/gm)].map((found) => found[1] ?? '')
