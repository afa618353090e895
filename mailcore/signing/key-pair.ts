import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export type SigningAlgorithm = 'rsa-sha256' | 'ed25519-sha256'

/** Both, because many receivers still pass over Ed25519 (RFC 8463 section 4). */
export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = ['rsa-sha256', 'ed25519-sha256']

/** RFC 8301 3.2: at least 2048 is due; 4096 fits no DNS answer over UDP and is passed over by some receivers. */
const RSA_BITS = 2_048

const generate = promisify(generateKeyPair)

/**
 * A new signing key. `privateKey`: PKCS #8, DER. `publicKey`: the `p=` of its record in base64, an SPKI for RSA (RFC 6376 3.6.1), the bare 32 bytes for
 * Ed25519 (RFC 8463 4.2). Made off the main thread: an RSA key takes a tenth of a second.
 */
export async function newSigningKey(algorithm: SigningAlgorithm): Promise<{ privateKey: Buffer; publicKey: string }> {
  const { privateKey, publicKey } =
    algorithm === 'rsa-sha256' ? await generate('rsa', { modulusLength: RSA_BITS }) : await generate('ed25519')
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  // RFC 8410 section 4: the last 32 bytes of the SPKI are the key.
  const published = algorithm === 'rsa-sha256' ? spki : spki.subarray(-32)
  return {
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKey: published.toString('base64'),
  }
}

/** The private half as it is kept, ready to sign with. */
export const readSigningKey = (privateKey: Buffer): KeyObject =>
  createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })
