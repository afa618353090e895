/** A picture of the message itself, by its Content-ID. */
export interface InlinePicture {
  contentId: string
  mimeType: string
  content: Buffer
}

/** Types a browser shows as pictures and that cannot hold script; SVG can. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** Characters of data: URLs in one document, all references together. */
const EMBEDDED_MOST = 32 * 1024 * 1024

/** May a part be put into the document as a picture? */
export const isPicture = (mimeType: string): boolean => PICTURES.has(mimeType.toLowerCase())

/**
 * The document that shows a stranger's HTML. What it may do is decided by the headers it is served with (server/web/headers: a sandbox without
 * scripts, no network), which a browser enforces whatever the markup says. Only what those headers do not reach is changed here:
 * - `<link>` can resolve and connect to a host without fetching (dns-prefetch, preconnect), `<base>` and `<meta>` steer the document: renamed.
 *   Every tag begins with these very letters, so there is no other way to write one.
 * - `referrerpolicy` and `rel` could hand our address or the window to the page behind a link: renamed.
 * - `cid:` references become data: URLs of the message's own pictures (RFC 2392); others stay dead.
 */
export function messageDocument(html: string, pictures: readonly InlinePicture[]): string {
  const byId = new Map(pictures.map((picture) => [picture.contentId, picture]))
  const urls = new Map<InlinePicture, string>()
  const urlOf = (picture: InlinePicture): string => {
    const url =
      urls.get(picture) ?? `data:${picture.mimeType.toLowerCase()};base64,${picture.content.toString('base64')}`
    urls.set(picture, url)
    return url
  }
  let embedded = 0
  const body = html
    .replace(/<(\/?)(?=(?:link|base|meta|portal|fencedframe)(?:[\s/>]|$))/gi, '<$1x-')
    .replace(/\b(referrerpolicy|rel|ping)(?=\s*=)/gi, 'data-$1')
    .replace(/\bcid:([^\s"'<>)&]{1,300})/gi, (whole, id: string) => {
      const picture = byId.get(decode(id))
      if (!picture) return whole
      const url = urlOf(picture)
      // Each reference is a whole copy: a thousand to one picture would be more than memory holds.
      if (embedded + url.length > EMBEDDED_MOST) return whole
      embedded += url.length
      return url
    })
  return `<!doctype html><html><head><meta charset="utf-8"><title>Message</title><base target="_blank"></head><body>${body}</body></html>`
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
