import type { Header } from '#mailcore/proto/header'

/**
 * The fields a signature covers (RFC 6376 5.4.1), each named once more than it occurs: a second From, Subject or Content-Type that is put in later breaks
 * the signature (5.4.2, 8.15). List-Unsubscribe-Post must be covered for RFC 8058. No Received, Return-Path or Sender: those change on the way.
 */
export const SIGNED_FIELDS: readonly string[] = [
  'From',
  'To',
  'Cc',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Reply-To',
  'In-Reply-To',
  'References',
  'List-Id',
  'List-Help',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'List-Subscribe',
  'List-Post',
  'List-Owner',
  'List-Archive',
]

/** What h= names, and the fields it stands for in the order in which a verifier takes them: of each name the lowest first (RFC 6376 5.4.2). */
export function signedFields(header: Header): { keys: string; headers: { line: Buffer }[] } {
  const names: string[] = []
  const headers: { line: Buffer }[] = []
  for (const name of SIGNED_FIELDS) {
    const wanted = name.toLowerCase()
    const found = header.fields.filter((field) => field.name === wanted).reverse()
    for (const { start, end } of found) {
      names.push(name)
      headers.push({ line: Buffer.from(header.text.slice(start, end).replace(/\r\n$/, ''), 'latin1') })
    }
    names.push(name)
  }
  return { keys: names.join(': '), headers }
}
