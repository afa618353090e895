import { createSeal } from 'mailauth/lib/arc/index.js'
import { fieldValue, type Header, readHeader } from '#mailcore/proto/header'
import type { OpenKey } from './dkim'
import { SIGNED_FIELDS } from './fields'

/** Of the 50 sets that RFC 8617 4.2.1 allows. Real chains have up to 4; what has gone further than this goes in circles. */
const SETS_MOST = 20

/**
 * An ARC set (RFC 8617 5.1) in front of a message that is passed on, with CRLF; '' where none can be made: the chain says that it is broken, or nothing of
 * ours says what it was when it came. What we found is read from our own Authentication-Results, which the MX has put there after taking out every one
 * that claimed to be ours (RFC 8601 section 5); verifying again would ask the DNS at another hour and could find something else.
 */
export async function arcFields(key: OpenKey, message: Buffer, hostname: string): Promise<string> {
  const header = readHeader(message)
  const results = ownResults(header, hostname)
  const sets = header.fields.filter((field) => field.name === 'arc-seal').length
  if (sets >= SETS_MOST || (sets > 0 && results === null)) return ''
  const { headers } = await createSeal(message, {
    strict: true,
    seal: {
      signingDomain: key.domain,
      selector: key.selector,
      privateKey: key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      algorithm: 'rsa-sha256',
      headerList: ['DKIM-Signature', ...SIGNED_FIELDS],
      authResults: results ?? `${hostname}; none`,
      cv: sets === 0 ? 'none' : /(?:^|;)\s*arc\s*=\s*pass\b/i.test(results ?? '') ? 'pass' : 'fail',
    },
  })
  return headers.map((line) => `${line}\r\n`).join('')
}

/** What the topmost Authentication-Results under our name says, from our name on; null where there is none. */
function ownResults(header: Header, hostname: string): string | null {
  for (const field of header.fields) {
    if (field.name !== 'authentication-results') continue
    const value = fieldValue(header, field)
    const [name = '', ...rest] = value.split(';')
    if (name.trim().split(/\s+/)[0]?.toLowerCase() !== hostname.toLowerCase()) continue
    const found = rest.map((one) => one.trim().replace(/\s+/g, ' ')).filter((one) => one !== '')
    // One result a line, so that no line grows too long (RFC 5322 2.1.1).
    return [hostname, ...(found.length > 0 ? found : ['none'])].join(';\r\n\t')
  }
  return null
}
