import { parseAddressList } from '#mailcore/proto/address'
import { allValues, firstValue, readHeader } from '#mailcore/proto/header'
import { domainOf } from './values'

export interface Submitter {
  submitter: 'verified' | 'unverified'
  submitterDomain: string
}

/**
 * Who brought a report, and whether our own checks authenticated that domain: DMARC passed for it, by our Authentication-Results (RFC 8601). Fields of
 * other hosts that claim our name were taken out at the door, so the name is enough to go by.
 */
export function submitterOf(raw: Buffer, authservId: string): Submitter {
  const header = readHeader(raw)
  const from = parseAddressList(firstValue(header, 'from') ?? '')[0]
  const submitterDomain = domainOf(from ? from.domain : '')
  const ours = allValues(header, 'authentication-results').filter(
    (value) => (value.split(/[;\s]/)[0] ?? '').toLowerCase() === authservId,
  )
  const passed = ours.some((value) =>
    value
      .split(';')
      .some((one) => /^\s*dmarc=pass\b/i.test(one) && fromOf(one) === submitterDomain && submitterDomain !== ''),
  )
  return { submitter: passed ? 'verified' : 'unverified', submitterDomain }
}

const fromOf = (result: string): string => domainOf(/\bheader\.from=("?)([^\s;"]{1,255})\1/i.exec(result)?.[2])
