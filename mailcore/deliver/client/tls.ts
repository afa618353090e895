import { createHash, X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import type { TlsaRecord } from '#mailcore/ports'

/** What one host must show before mail goes to it. */
export type TlsDemand =
  /** TLS when offered, whatever the certificate (RFC 7435) */
  | { kind: 'opportunistic' }
  /** TLS, and nothing proven: TLSA records are there and none can be used (RFC 7672 2.2) */
  | { kind: 'encrypted' }
  /** A certificate for the host from an authority we know (RFC 8461 4.1) */
  | { kind: 'webpki' }
  /** A certificate that a TLSA record names (RFC 7672); `names` are what a usage 2 chain must be for */
  | { kind: 'dane'; records: readonly TlsaRecord[]; names: readonly string[] }

/** Why TLS did not come about, in result types of RFC 8460 4.3. */
export type TlsProblem =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'

export interface TlsState {
  /** TLSv1.3 */
  version: string
  cipher: string
  /** Has the host proven who it is, by DANE or an authority? */
  verified: boolean
  /** Why not, where it has not */
  problem: TlsProblem | null
}

export interface TlsOptions {
  /** The MX host: server name and what a certificate must be for */
  host: string
  demand: TlsDemand
  /** Authorities in place of node's own; tests only */
  ca?: string
  timeoutMs: number
}

/** Goes over to TLS. Rejects when the handshake fails; whether the certificate is enough the caller decides by `verified`. */
export function startTls(socket: Socket, options: TlsOptions): Promise<{ socket: TLSSocket; state: TlsState }> {
  const { host, demand } = options
  const secure = connect({
    socket,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    minVersion: 'TLSv1.2',
    // Checked below, by the rules of the host's own policy.
    rejectUnauthorized: false,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => secure.destroy(new Error('handshake timeout')), options.timeoutMs)
    const fail = (error: Error) => {
      clearTimeout(timer)
      reject(error)
    }
    const closed = () => fail(new Error('closed in handshake'))
    secure.once('error', fail)
    secure.once('close', closed)
    secure.once('secureConnect', () => {
      clearTimeout(timer)
      secure.off('close', closed)
      secure.off('error', fail)
      const version = secure.getProtocol() ?? 'TLS'
      const problem = judge(secure, demand)
      resolve({
        socket: secure,
        state: { version, cipher: secure.getCipher().name, verified: problem === null, problem },
      })
    })
  })
}

function judge(socket: TLSSocket, demand: TlsDemand): TlsProblem | null {
  if (demand.kind === 'dane') return daneProblem(socket.getPeerCertificate(true), demand)
  if (socket.authorized) return null
  const error: unknown = socket.authorizationError
  const code = typeof error === 'string' ? error : error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'certificate-expired'
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'certificate-host-mismatch' : 'certificate-not-trusted'
}

/** Records that may be used for SMTP: DANE-TA and DANE-EE with digests we know (RFC 7672 3.1.3: PKIX usages are not). */
export const usableTlsa = (records: readonly TlsaRecord[]): TlsaRecord[] =>
  records.filter(
    ({ usage, selector, matching, data }) =>
      (usage === 2 || usage === 3) &&
      (selector === 0 || selector === 1) &&
      ((matching === 0 && data.length > 0) ||
        (matching === 1 && data.length === 32) ||
        (matching === 2 && data.length === 64)),
  )

/** More certificates than any honest chain has. */
const CHAIN_MOST = 10

/** RFC 7672 3.1: usage 3 matches the server's own certificate and asks neither its name nor its dates; usage 2 anchors a chain that must hold. */
function daneProblem(peer: DetailedPeerCertificate, demand: Extract<TlsDemand, { kind: 'dane' }>): TlsProblem | null {
  const chain = chainOf(peer)
  const leaf = chain[0]
  if (!leaf) return 'validation-failure'
  if (demand.records.some((record) => record.usage === 3 && matches(leaf, record))) return null
  const anchors = demand.records.filter(({ usage }) => usage === 2)
  const depth = chain.findIndex((certificate) => anchors.some((record) => matches(certificate, record)))
  if (depth < 0) return 'validation-failure'
  const now = Date.now()
  for (const [i, certificate] of chain.slice(0, depth + 1).entries()) {
    if (Date.parse(certificate.validFrom) > now || Date.parse(certificate.validTo) < now) return 'certificate-expired'
    if (i === depth) continue
    const issuer = chain[i + 1]
    if (!issuer?.ca || !certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey))
      return 'validation-failure'
  }
  return demand.names.some((name) => leaf.checkHost(name) !== undefined) ? null : 'certificate-host-mismatch'
}

function chainOf(peer: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: DetailedPeerCertificate | undefined = peer
  const seen = new Set<DetailedPeerCertificate>()
  while (next?.raw && !seen.has(next) && chain.length < CHAIN_MOST) {
    seen.add(next)
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate
  }
  return chain
}

function matches(certificate: X509Certificate, record: TlsaRecord): boolean {
  const selected =
    record.selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' })
  const digest =
    record.matching === 0
      ? selected
      : createHash(record.matching === 1 ? 'sha256' : 'sha512')
          .update(selected)
          .digest()
  return digest.equals(record.data)
}
