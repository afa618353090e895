import type { RequestListener } from 'node:http'
import { securityHeaders } from '#server/web/headers'
import { originFormPath } from '#server/web/request-guard'

/** What a browser too old for TLS 1.2 is left with after the redirect fails (promise P8). No cookie, no script, nothing loaded. */
const PAGE = (origin: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>MailTight: secure connection needed</title></head>
<body><h1>This site is only reached over a secure connection</h1>
<p>Please continue to <a href="${origin}/">${origin}/</a>.</p>
<p>If that page does not open, your browser is too old to protect your mail. Please upgrade it: any current version of
Firefox, Chrome, Edge or Safari will do.</p></body></html>
`

/**
 * The plain HTTP listener: every request is sent on to the configured origin, whatever name it was asked under.
 * The target is never built from the Host header, so that a forged one leads nowhere.
 */
export function redirectListener(origin: string): RequestListener {
  const page = PAGE(origin)
  return (req, res) => {
    const path = originFormPath(req.url)
    const headers = securityHeaders('/api/', '')
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    res.setHeader('connection', 'close')
    if (path === null || req.headers.upgrade !== undefined) {
      res.writeHead(400).end()
      return
    }
    res.setHeader('location', `${origin}${req.url ?? '/'}`)
    res.setHeader('content-type', 'text/html; charset=utf-8')
    res.writeHead(308)
    res.end(req.method === 'HEAD' ? undefined : page)
  }
}
