import { Resolver } from 'node:dns/promises'
import { codeOf, Fault } from '#lib/errors'

/** The texts of a name's TXT records, pieces joined (RFC 7208 section 3.3); none when there are none. Throws UNAVAILABLE when DNS does not answer. */
export async function lookUpTxt(name: string): Promise<string[]> {
  try {
    const records = await new Resolver({ timeout: 3_000, tries: 2 }).resolveTxt(name)
    return records.map((pieces) => pieces.join(''))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw new Fault('UNAVAILABLE', 'The name servers of this domain do not answer. Please try again later.', {
      internal: `dns ${code}`,
      cause: error,
    })
  }
}
