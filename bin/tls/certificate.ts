import 'reflect-metadata' // @peculiar/x509 finds its algorithms through it
import { createPrivateKey, X509Certificate as NodeCertificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { writeWhole } from '#bin/os/files'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'

/** As browsers allow a certificate to be at the most (398 days), less one for clocks that differ. */
const VALID_DAYS = 397
const RENEW_DAYS = 30

/** RSA of 4096 bits is what the privacy policy promises. */
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 4096,
} as const

export interface Pem {
  /** PEM of the certificate */
  cert: string
  /** PEM of the private key, PKCS #8 */
  key: string
}

const pem = (label: string, der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** Makes a self-signed server certificate (RFC 5280) for `hostname`, localhost and the loopback addresses. No openssl needed. */
export async function makeCertificate(hostname: string, now: Date): Promise<Pem> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const names: JsonGeneralName[] = [...new Set(['localhost', hostname])].map((value) => ({
    type: isIP(value) ? 'ip' : 'dns',
    value,
  }))
  names.push({ type: 'ip', value: '127.0.0.1' }, { type: 'ip', value: '::1' })
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: `01${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`,
      name: `CN=${hostname}`,
      notBefore: new Date(now.getTime() - DAY_MS), // clocks differ
      notAfter: new Date(now.getTime() + VALID_DAYS * DAY_MS),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(names),
      ],
    },
    crypto,
  )
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: `${certificate.toString('pem')}\n`, key: pem('PRIVATE KEY', key) }
}

/** Do the two files fit together, and does the certificate hold for `hostname` for some time yet? */
function stillGood(files: { certFile: string; keyFile: string }, hostname: string, now: Date): boolean {
  try {
    const certificate = new NodeCertificate(readFileSync(files.certFile))
    const fits = certificate.checkPrivateKey(createPrivateKey(readFileSync(files.keyFile)))
    const named = isIP(hostname) ? certificate.checkIP(hostname) : certificate.checkHost(hostname)
    const leftMs = new Date(certificate.validTo).getTime() - now.getTime()
    return fits && named !== undefined && leftMs > RENEW_DAYS * DAY_MS
  } catch {
    return false
  }
}

function assertOwn(files: { certFile: string; keyFile: string }): void {
  try {
    const certificate = new NodeCertificate(readFileSync(files.certFile))
    if (certificate.checkPrivateKey(createPrivateKey(readFileSync(files.keyFile)))) return
  } catch (cause) {
    throw new Fault('BAD_REQUEST', 'TLS_CERT_FILE and TLS_KEY_FILE must name readable PEM files.', { cause })
  }
  throw new Fault('BAD_REQUEST', 'The certificate in TLS_CERT_FILE was not made for the key in TLS_KEY_FILE.')
}

/**
 * Makes sure that the instance has a certificate: checks the operator's own, or makes one where there is none, it ends soon, or it
 * is for another name. Both files have mode 0600 in a directory of mode 0700. Returns whether one was made.
 */
export async function ensureCertificate(
  tls: { certFile: string; keyFile: string; own: boolean },
  hostname: string,
  now: Date,
): Promise<boolean> {
  if (tls.own) {
    assertOwn(tls)
    return false
  }
  if (existsSync(tls.certFile) && stillGood(tls, hostname, now)) return false
  const made = await makeCertificate(hostname, now)
  mkdirSync(dirname(tls.keyFile), { recursive: true, mode: 0o700 })
  chmodSync(dirname(tls.keyFile), 0o700)
  writeWhole(tls.keyFile, made.key)
  writeWhole(tls.certFile, made.cert)
  return true
}
