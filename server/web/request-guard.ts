import type { IncomingMessage } from 'node:http'

/** What the listener decides about a request before anything of Next sees it. */
export type Verdict =
  | { kind: 'pass'; path: string }
  | { kind: 'refuse'; status: 400 | 404 | 405 | 411 | 413 | 421; text: string }
  /** Asked for under a name that is not ours: to the configured origin, same path. */
  | { kind: 'redirect'; target: string }

export interface GuardOptions {
  /** Our own origins (`https://host[:port]`), the canonical one first. Never taken from a request. */
  origins: readonly string[]
}

/** Largest request body in bytes: a message with its attachments in base64 on the one route that takes one, forms elsewhere. */
export const BODY_BYTES = { upload: 60 * 1024 * 1024, other: 1024 * 1024 } as const

const METHODS = new Set(['GET', 'HEAD', 'POST'])
/** Routes that take a message with attachments: the send procedure, alone in its request. */
const UPLOADS = /^\/api\/trpc\/dashboard\.mail\.send$/
/**
 * Headers that only a trusted proxy or Next itself may set. CVE-2025-29927 (x-middleware-subrequest) and its kin began with one
 * of these being believed. There is no trusted proxy, so every one is a stranger's.
 */
const FORGED =
  /^(?:x-forwarded-.*|forwarded|x-real-ip|true-client-ip|x-client-ip|via|x-middleware-.*|x-nextjs-.*|x-next-.*|x-invoke-.*|x-matched-path|x-now-.*|x-vercel-.*|x-original-.*|x-rewrite-url|x-http-method.*|x-method-override|x-prerender-.*|x-mailtight-.*|next-resume.*|content-security-policy.*|proxy-.*)$/

/** The path of a request target in origin form (RFC 9112 section 3.2.1), or null for any other form. */
export function originFormPath(target: string | undefined): string | null {
  // "//host" would be read as another origin by whatever builds a URL or a redirect from it.
  if (!target?.startsWith('/') || target.startsWith('//') || /[\\\s\0]/.test(target)) return null
  const end = target.search(/[?#]/)
  const path = end < 0 ? target : target.slice(0, end)
  // Nobody honest writes a letter or digit as %41 (RFC 3986 section 6.2.2.2): two spellings of one route would be two rules for it.
  return /%(?:3[0-9]|[46][1-9a-f]|[57][0-9a])/i.test(path) ? null : path
}

/** Checks form, method, size and name of a request. Reads nothing of its body. */
export function examine(req: IncomingMessage, options: GuardOptions): Verdict {
  const path = originFormPath(req.url)
  if (path === null) return refuse(400, 'This address cannot be understood.')
  if (req.headers.upgrade !== undefined) return refuse(400, 'No other protocol is spoken here.')
  if (!METHODS.has(req.method ?? '')) return refuse(405, 'This method is not supported.')
  // Next's image optimiser and data routes are not used; what is not used is not reachable (W-12, W-13).
  if (/^\/_next\/(?:image|data)(?:\/|$)/.test(path)) return refuse(404, 'There is nothing here.')
  const tooLarge = checkBody(req, path)
  if (tooLarge) return tooLarge
  const host = req.headers.host?.toLowerCase()
  if (options.origins.some((origin) => origin.slice('https://'.length) === host)) return { kind: 'pass', path }
  const canonical = options.origins[0]
  if (canonical !== undefined && (req.method === 'GET' || req.method === 'HEAD')) {
    return { kind: 'redirect', target: `${canonical}${req.url ?? '/'}` }
  }
  return refuse(421, 'This server does not answer under that name.')
}

function checkBody(req: IncomingMessage, path: string): Verdict | null {
  // Without a length the cap could only be kept by reading; every browser and HTTP library sends one.
  if (req.headers['transfer-encoding'] !== undefined) return refuse(411, 'The request needs a Content-Length.')
  const length = Number(req.headers['content-length'] ?? 0)
  const most = UPLOADS.test(path) ? BODY_BYTES.upload : BODY_BYTES.other
  if (!(length <= most)) return refuse(413, 'The request is too large.')
  return null
}

const refuse = (status: (Verdict & { kind: 'refuse' })['status'], text: string): Verdict => ({
  kind: 'refuse',
  status,
  text,
})

/** Takes away every header a stranger may not set, then adds ours: the peer (for counting sign-ins only) and the page's nonce. */
export function cleanHeaders(req: IncomingMessage, ours: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(req.headers)) if (FORGED.test(name)) delete req.headers[name]
  for (const [name, value] of Object.entries(ours)) req.headers[name] = value
}
