import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { Fault } from '#lib/errors'
import { nothing, octets, oid, readElement, sequence, setOf, smallInteger, tagged } from '#server/services/clients/der'

const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  rsa: '1.2.840.113549.1.1.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const

/**
 * `content` with a signature around it: CMS SignedData (RFC 5652 section 5) in DER, SHA-256, by the first certificate of `certificates`, which go along. PEM in;
 * an RSA or EC key. Node cannot do this by itself, and a package for it would bring more than these few lines. No signing time: a profile says nothing of
 * when it was fetched.
 */
export function signedData(content: Buffer, pem: { certificates: string; key: string }): Buffer {
  const chain = (pem.certificates.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one).raw,
  )
  const [leaf] = chain
  if (!leaf) throw new Fault('INTERNAL', 'There is no certificate to sign with.')
  const key = createPrivateKey(pem.key)
  const digest = createHash('sha256').update(content).digest()
  const attributes = [
    sequence(oid(OID.contentType), setOf(oid(OID.data))),
    sequence(oid(OID.messageDigest), setOf(octets(digest))),
  ]
  // RFC 5652 5.4: signed as a SET OF, sent with the tag [0] in its place.
  const attributeSet = setOf(...attributes)
  const signature = sign('sha256', attributeSet, key)
  const sha256 = sequence(oid(OID.sha256), nothing())
  const signer = sequence(
    smallInteger(1),
    issuerAndSerial(leaf),
    sha256,
    Buffer.concat([Buffer.of(0xa0), attributeSet.subarray(1)]),
    key.asymmetricKeyType === 'ec' ? sequence(oid(OID.ecdsaWithSha256)) : sequence(oid(OID.rsa), nothing()),
    octets(signature),
  )
  const body = sequence(
    smallInteger(1),
    setOf(sha256),
    sequence(oid(OID.data), tagged(0, octets(content))),
    tagged(0, Buffer.concat(chain)),
    setOf(signer),
  )
  return sequence(oid(OID.signedData), tagged(0, body))
}

/** IssuerAndSerialNumber (RFC 5652 10.2.4), both as the certificate has them (RFC 5280 4.1). */
function issuerAndSerial(certificate: Buffer): Buffer {
  const toBeSigned = readElement(certificate, readElement(certificate, 0).contentAt)
  let next = readElement(certificate, toBeSigned.contentAt)
  // The version is left out in certificates of version 1.
  if (next.tag === 0xa0) next = readElement(certificate, next.end)
  const serial = next.whole
  const algorithm = readElement(certificate, next.end)
  const issuer = readElement(certificate, algorithm.end)
  return sequence(issuer.whole, serial)
}
