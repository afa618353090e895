import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appleProfile } from '#server/services/clients/apple-profile'
import { signedData } from '#server/services/clients/cms'
import { oid, readElement, smallInteger } from '#server/services/clients/der'
import { testCertificate } from '#tests/helpers/cert'

const PROFILE = appleProfile({ hostname: 'mail.test', address: 'a<b@d.example', name: 'A & "B"' })

describe('the Apple profile', () => {
  it('holds the mailbox, no password, and nothing that breaks out of it', () => {
    expect(PROFILE).toContain('<key>EmailAddress</key>\n<string>a&lt;b@d.example</string>')
    expect(PROFILE).toContain('<string>A &amp; &quot;B&quot;</string>')
    expect(PROFILE).toContain('<key>IncomingMailServerPortNumber</key>\n<integer>993</integer>')
    expect(PROFILE).not.toMatch(/<key>(?:Incoming|Outgoing)Password<\/key>/)
  })

  it('is the same for the same mailbox, and no other’s', () => {
    const other = appleProfile({ hostname: 'mail.test', address: 'c@d.example', name: 'C' })
    const uuids = (text: string) => [...text.matchAll(/<key>PayloadUUID<\/key>\n<string>([^<]*)/g)].map((one) => one[1])
    expect(uuids(PROFILE)).toEqual(uuids(appleProfile({ hostname: 'mail.test', address: 'a<b@d.example', name: 'x' })))
    expect(new Set([...uuids(PROFILE), ...uuids(other)]).size).toBe(4)
  })
})

describe('the signature around it', () => {
  it('encodes as X.690 does', () => {
    expect(oid('1.2.840.113549.1.7.2').toString('hex')).toBe('06092a864886f70d010702')
    expect(smallInteger(1).toString('hex')).toBe('020101')
    expect(() => readElement(Buffer.from('3005020101', 'hex'), 0)).toThrow(RangeError)
  })

  // Another implementation reads it; a machine without one has only the shape above.
  it.skipIf(!existsSync('/usr/bin/openssl'))('is verified by openssl, and not after a change', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mt-cms-'))
    try {
      const { cert, key } = await testCertificate()
      const file = join(dir, 'p.cms')
      const ca = join(dir, 'ca.pem')
      writeFileSync(ca, cert)
      const signed = signedData(Buffer.from(PROFILE), { certificates: String(cert), key: String(key) })
      const verify = (bytes: Buffer) => {
        writeFileSync(file, bytes)
        const args = [
          'cms',
          '-verify',
          '-binary',
          '-inform',
          'DER',
          '-in',
          file,
          '-CAfile',
          ca,
          '-purpose',
          'any',
          '-partial_chain',
        ]
        return execFileSync('/usr/bin/openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString()
      }
      expect(verify(signed)).toBe(PROFILE)
      const changed = Buffer.from(signed.toString('latin1').replace('mail.test', 'evil.test'), 'latin1')
      expect(() => verify(changed)).toThrow()
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })

  it('is refused without a certificate', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    expect(() => signedData(Buffer.from('x'), { certificates: '', key })).toThrow(/no certificate/)
  })
})
