/** Mailbox names in modified UTF-7 (RFC 3501 5.1.3), as IMAP4rev1 clients write them. */

/** A Unicode name as modified UTF-7. */
export function encodeUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-'
    const bytes = Buffer.alloc(run.length * 2)
    for (let i = 0; i < run.length; i++) bytes.writeUInt16BE(run.charCodeAt(i), 2 * i)
    return `&${bytes.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`
  })
}

/** The Unicode name of modified UTF-7; undefined when it is none: a run that is not closed, not base64, or hides what needs no hiding. */
export function decodeUtf7(text: string): string | undefined {
  let valid = true
  const name = text.replace(/&([^-]*)(-?)/g, (_run, base64: string, closed: string) => {
    if (!closed || !/^[A-Za-z0-9+,]*$/.test(base64)) valid = false
    if (base64 === '') return '&'
    const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64')
    if (bytes.length === 0 || bytes.length % 2 !== 0) valid = false
    let run = ''
    for (let i = 0; i + 1 < bytes.length; i += 2) run += String.fromCharCode(bytes.readUInt16BE(i))
    if (/[\x20-\x7e]/.test(run)) valid = false
    return run
  })
  if (!valid || /\p{Surrogate}/u.test(name)) return undefined
  return name
}
