import type { AccountRef, Waiting } from '#mailcore/ports'
import { parseAddress, splitSubaddress } from '#mailcore/proto/address'
import { parseAddressList } from '#mailcore/proto/address-list'
import { allValues, type Header } from '#mailcore/proto/header'
import type { FilterParts } from './parts'

/** The owner of a mailbox as far as one message tells: their names are sealed, and this role cannot open them. */
export interface Owner {
  /** The address this message came to, base form; null where it came without an envelope and names none of theirs */
  address: string | null
  /** All of the owner's addresses that the envelope or the header names, with and without subaddress */
  addresses: string[]
  /** Whether mail may go out in the owner's name: not while they are suspended */
  maySend: boolean
}

const FIELDS = ['to', 'cc', 'bcc', 'resent-to', 'resent-cc', 'resent-bcc']
/** Addresses of the header that are looked up: a message to a thousand people names the owner early, or in the envelope. */
const LOOKED_UP_MOST = 50

/** Addresses in the fields that name recipients (RFC 5230 4.5), normalised. */
export function namedRecipients(header: Header): string[] {
  const found = new Set<string>()
  for (const field of FIELDS) {
    for (const value of allValues(header, field)) {
      for (const item of parseAddressList(Buffer.from(value, 'latin1').toString('utf8'))) {
        const parsed = parseAddress(`${item.local}@${item.domain}`)
        if (parsed) found.add(parsed.address)
      }
    }
  }
  return [...found]
}

/** Who the owner is, as the directory confirms it. */
export async function findOwner(
  parts: Pick<FilterParts, 'directory'>,
  account: AccountRef,
  waiting: Waiting,
  header: Header,
): Promise<Owner> {
  const named = [...new Set([...waiting.recipients, ...namedRecipients(header).slice(0, LOOKED_UP_MOST)])]
  const own: string[] = []
  for (const address of named) if (await parts.directory.mayUse(account, address)) own.push(address)
  const first = own[0]
  if (first === undefined) return { address: null, addresses: [], maySend: false }
  const [state] = await parts.directory.resolve([first])
  return {
    address: baseOf(first),
    addresses: [...new Set([...own, ...own.map(baseOf)])],
    maySend: state?.kind === 'mailbox' || state?.kind === 'full',
  }
}

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

function baseOf(address: string): string {
  const parsed = parseAddress(address)
  return parsed ? splitSubaddress(parsed).base.address : address
}
