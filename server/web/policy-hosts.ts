import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Databases } from '#db/client'
import { AUTODISCOVER_BYTES, addressIn, autoconfigXml, autodiscoverXml } from '#server/services/clients/settings'
import { type StsMode, stsPolicy } from '#server/services/dns/sts-policy'
import { answer } from '#server/web/answer'
import { originFormPath } from '#server/web/request-guard'

/** The names under a customer's domain at which programs, not people, ask. */
const HOST = /^(mta-sts|autoconfig|autodiscover)\.((?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63})(?::\d{1,5})?$/

type Service = 'mta-sts' | 'autoconfig' | 'autodiscover'

export interface PolicyHost {
  service: Service
  domain: string
}

/** The policy host a request asks for, by its Host header; null for every other name. */
export function policyHostOf(req: IncomingMessage): PolicyHost | null {
  const [, service, domain] = HOST.exec(req.headers.host?.toLowerCase() ?? '') ?? []
  return service && domain ? { service: service as Service, domain } : null
}

export type PolicyHandler = (req: IncomingMessage, res: ServerResponse, host: PolicyHost) => Promise<void>

/**
 * Answers on the policy hosts of verified domains: MTA-STS (RFC 8461 3.3), autoconfig and autodiscover. For any other domain there is nothing. No session
 * is read, no cookie set; an address that a program sends is used for its answer and neither looked up, nor kept, nor logged, so that nobody learns here
 * which addresses exist.
 */
export function createPolicyHosts(db: Databases, hostname: string): PolicyHandler {
  return async (req, res, { service, domain }) => {
    const path = originFormPath(req.url)?.toLowerCase() ?? ''
    const give =
      ROUTES[service][path] ?? (service === 'autodiscover' && JSON_PATH.test(path) ? discoverJson : undefined)
    if (!give) return answer(req, res, 404, 'There is nothing here.')
    const rows = await db.control.lookup<{ mta_sts: StsMode }[]>`select mta_sts from unsafe.published_policy(${domain})`
    const [row] = rows
    if (!row) return answer(req, res, 404, 'There is nothing here.')
    return give(req, res, { domain, hostname, mode: row.mta_sts })
  }
}

interface Known {
  domain: string
  hostname: string
  mode: StsMode
}
type Give = (req: IncomingMessage, res: ServerResponse, known: Known) => Promise<void> | void

/** Version 2 of Outlook's question may name the address in the path. */
const JSON_PATH = /^\/autodiscover\/autodiscover\.json\/v1\.0\/[^/]{1,400}$/

const stsText: Give = (req, res, { hostname, mode }) =>
  send(req, res, 'text/plain; charset=utf-8', stsPolicy(mode, hostname))
const configXml: Give = (req, res, { domain, hostname }) =>
  send(req, res, 'text/xml; charset=utf-8', autoconfigXml(domain, hostname))
const discoverJson: Give = (req, res, { domain }) => {
  const Url = `https://autodiscover.${domain}/autodiscover/autodiscover.xml`
  return send(req, res, 'application/json', JSON.stringify({ Protocol: 'AutodiscoverV1', Url }))
}
const discoverXml: Give = async (req, res, { hostname }) => {
  if (req.method !== 'POST') return send(req, res, 'text/xml; charset=utf-8', autodiscoverXml(hostname, ''))
  const length = Number(req.headers['content-length'])
  if (req.headers['transfer-encoding'] !== undefined || !(length >= 0))
    return answer(req, res, 411, 'The request needs a Content-Length.')
  if (length > AUTODISCOVER_BYTES) return answer(req, res, 413, 'The request is too large.')
  const pieces: Buffer[] = []
  for await (const piece of req) pieces.push(piece as Buffer)
  const xml = autodiscoverXml(hostname, addressIn(Buffer.concat(pieces).toString('utf8')))
  write(res, 'text/xml; charset=utf-8', xml, true)
}

const ROUTES: Readonly<Record<Service, Readonly<Record<string, Give>>>> = {
  'mta-sts': { '/.well-known/mta-sts.txt': stsText },
  autoconfig: {
    '/mail/config-v1.1.xml': configXml,
    '/.well-known/autoconfig/mail/config-v1.1.xml': configXml,
  },
  autodiscover: {
    '/autodiscover/autodiscover.xml': discoverXml,
    '/autodiscover/autodiscover.json': discoverJson,
  },
}

function send(req: IncomingMessage, res: ServerResponse, type: string, body: string): void {
  if (req.method === 'GET' || req.method === 'HEAD') write(res, type, body, req.method === 'GET')
  else answer(req, res, 405, 'This method is not supported.')
}

function write(res: ServerResponse, type: string, body: string, whole: boolean): void {
  res.setHeader('content-type', type)
  res.setHeader('content-length', Buffer.byteLength(body))
  res.writeHead(200)
  res.end(whole ? body : undefined)
}
