import http from 'node:http'
import https from 'node:https'
import { connect, type SecureVersion } from 'node:tls'

/** Long enough for a busy machine, short enough for somebody who waits. */
const PATIENCE_MS = 5_000

export interface Handshake {
  protocol: string
  /** Size of the certificate's RSA key in bits; 0 when it is none */
  rsaBits: number
}

/** A TLS handshake with our own listener, offering at most `newest`; null when it refuses. The name is not checked: what is asked is the level. */
export function handshake(at: { host: string; port: number }, newest: SecureVersion): Promise<Handshake | null> {
  return new Promise((resolve) => {
    const socket = connect({
      ...at,
      rejectUnauthorized: false,
      minVersion: newest === 'TLSv1.1' ? 'TLSv1' : undefined,
      maxVersion: newest,
      timeout: PATIENCE_MS,
      // OpenSSL itself would refuse to offer the old versions at its usual level.
      ciphers: newest === 'TLSv1.1' ? 'DEFAULT:@SECLEVEL=0' : undefined,
    })
    const end = (result: Handshake | null) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('secureConnect', () =>
      end({
        protocol: socket.getProtocol() ?? '',
        rsaBits: socket.getPeerX509Certificate()?.publicKey.asymmetricKeyDetails?.modulusLength ?? 0,
      }),
    )
    socket.once('error', () => end(null))
    socket.once('timeout', () => end(null))
  })
}

export interface Answer {
  status: number
  cookies: number
  location: string
  hsts: string
}

/** GET of one of our own pages; null when nothing answers. */
export function get(url: string): Promise<Answer | null> {
  return new Promise((resolve) => {
    const client = url.startsWith('https:') ? https : http
    const request = client.get(url, { rejectUnauthorized: false, timeout: PATIENCE_MS }, (response) => {
      response.resume()
      const { headers } = response
      resolve({
        status: response.statusCode ?? 0,
        cookies: headers['set-cookie']?.length ?? 0,
        location: headers.location ?? '',
        hsts: headers['strict-transport-security'] ?? '',
      })
    })
    request.once('error', () => resolve(null))
    request.once('timeout', () => {
      request.destroy()
      resolve(null)
    })
  })
}
