/**
 * The headers that stand on every answer of the web listener: pages, assets, errors and redirects alike (reliability W-15).
 * They are applied below Next, at the moment the head is written, so that no route can forget or weaken them.
 */
export type ResponseHeaders = Readonly<Record<string, string>>

/** The document of one message's HTML, shown in a frame of ours; see app/api/mail. */
const MESSAGE_DOCUMENT = /^\/api\/mail\/[^/]+\/[^/]+\/html$/

/** Is this the route that serves a stranger's HTML? Its policy differs: no script, no network, framed by our own pages only. */
export const isMessageDocument = (path: string): boolean => MESSAGE_DOCUMENT.test(path)

const COMMON: ResponseHeaders = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'x-permitted-cross-domain-policies': 'none',
  // A mail's <link rel="dns-prefetch"> or a plain link must not tell the network that the mail was opened.
  'x-dns-prefetch-control': 'off',
  'permissions-policy':
    'accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(self), usb=(), browsing-topics=()',
}

/** Content-Security-Policy of our own pages. `strict-dynamic` lets a script with the nonce load its own chunks. */
export const pagePolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    // Also keeps a message's own document from being led away to a stranger's address inside its frame.
    "frame-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ].join('; ')

/**
 * Policy of a stranger's HTML. Without allow-scripts, allow-forms and allow-same-origin the sandbox also stops
 * <meta refresh>; links may open a new tab, which gets no opener and no referrer.
 */
export const MESSAGE_POLICY = [
  'sandbox allow-popups allow-popups-to-escape-sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ')

/** Policy of answers that are no document at all: nothing may run or load if a browser shows one anyway. */
const INERT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

/** May a cache keep the answer? Only what the build named by its content, and the few fixed files of the site. */
export const isStatic = (path: string): boolean =>
  path.startsWith('/_next/static/') || /^\/(?:favicon\.ico|icon\.svg|robots\.txt)$/.test(path)

/** The headers for one answer. `path` is the request's path without its query; `nonce` is this answer's own. */
export function securityHeaders(path: string, nonce: string): ResponseHeaders {
  const framed = isMessageDocument(path)
  const policy = framed ? MESSAGE_POLICY : path.startsWith('/api/') ? INERT_POLICY : pagePolicy(nonce)
  return {
    ...COMMON,
    'content-security-policy': policy,
    'x-frame-options': framed ? 'SAMEORIGIN' : 'DENY',
    ...(isStatic(path) ? {} : { 'cache-control': 'no-store' }),
  }
}

/** Head of an answer written by hand on a raw socket, where no request could be read. */
export function rawAnswer(status: number, reason: string): string {
  const headers = { ...securityHeaders('/api/', ''), connection: 'close', 'content-length': '0' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('\r\n')}\r\n\r\n`
}
