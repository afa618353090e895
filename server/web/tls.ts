import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { Server, ServerOptions } from 'node:https'
import { createSecureContext } from 'node:tls'
import { codeOf, Fault } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'

export interface CertificateFiles {
  /** PEM, leaf first, then its issuers. */
  certFile: string
  /** PEM, unencrypted, readable by us only. */
  keyFile: string
}

/** TLS 1.2 and 1.3 with forward secrecy and AEAD only (promise P8, reliability T-02). */
const SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

const POLICY = {
  minVersion: 'TLSv1.2',
  ciphers: SUITES,
  ecdhCurve: 'X25519:P-256:P-384',
  honorCipherOrder: true,
} as const satisfies ServerOptions

/** Certificate changes are looked for this often; certificates are renewed weeks ahead. */
const WATCH_MS = 5_000

function read(files: CertificateFiles): { cert: Buffer; key: Buffer } {
  try {
    return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) }
  } catch (cause) {
    throw new Fault('INTERNAL', 'The certificate of the web listener cannot be read.', {
      internal: `certificate ${codeOf(cause)}`,
      cause,
    })
  }
}

/** Options for an https server. Throws a Fault when the certificate cannot be read. */
export const tlsOptions = (files: CertificateFiles): ServerOptions => ({
  ...POLICY,
  ...read(files),
  // A client that opens a connection and says nothing holds nothing for longer.
  handshakeTimeout: 10_000,
  // ALPACA: nobody who wants another protocol gets this certificate's session (T-05).
  ALPNProtocols: ['http/1.1'],
})

/** Takes up a new certificate when its files change or on SIGHUP; open connections keep the old one. A bad file changes nothing. */
export function reloadOnChange(server: Server, files: CertificateFiles, log: Log): Running {
  const reload = () => {
    try {
      const pair = read(files)
      createSecureContext(pair) // throws when key and certificate do not belong together, half-written files included
      server.setSecureContext({ ...POLICY, ...pair })
      log.info('certificate reloaded')
    } catch (error) {
      log.error('certificate kept', { code: codeOf(error) })
    }
  }
  const onFile = (now: { mtimeMs: number }, before: { mtimeMs: number }) => {
    if (now.mtimeMs !== before.mtimeMs && now.mtimeMs !== 0) reload()
  }
  for (const file of [files.certFile, files.keyFile]) {
    watchFile(file, { interval: WATCH_MS, persistent: false }, onFile)
  }
  process.on('SIGHUP', reload)
  return {
    stop: async () => {
      process.off('SIGHUP', reload)
      for (const file of [files.certFile, files.keyFile]) unwatchFile(file, onFile)
    },
  }
}
