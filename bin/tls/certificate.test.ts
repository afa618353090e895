import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureCertificate } from '#bin/tls/certificate'
import { DAY_MS } from '#lib/clock'

describe('the certificate', () => {
  let dir: string
  const now = new Date()
  const tls = () => ({ certFile: join(dir, 'tls', 'cert.pem'), keyFile: join(dir, 'tls', 'key.pem'), own: false })
  const read = () => new X509Certificate(readFileSync(tls().certFile))
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mt-tls-'))
    expect(await ensureCertificate(tls(), 'mail.example.test', now)).toBe(true)
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('is RSA of 4096 bits for the host, localhost and the loopback addresses', () => {
    const certificate = read()
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096)
    expect(certificate.checkHost('mail.example.test')).toBe('mail.example.test')
    expect(certificate.checkHost('localhost')).toBe('localhost')
    expect(certificate.checkHost('other.example.test')).toBeUndefined()
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.ca).toBe(false)
  })

  it('keeps its key to its owner', () => {
    expect(statSync(join(dir, 'tls')).mode & 0o777).toBe(0o700)
    expect(statSync(tls().keyFile).mode & 0o777).toBe(0o600)
    expect(statSync(tls().certFile).mode & 0o777).toBe(0o600)
  })

  it('serves a real handshake to a client that trusts it', async () => {
    const server = createServer({ key: readFileSync(tls().keyFile), cert: readFileSync(tls().certFile) })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const authorized = await new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', servername: 'localhost', ca: readFileSync(tls().certFile) }
      const socket = connect(options, () => {
        resolve(socket.authorized)
        socket.destroy()
      })
      socket.on('error', reject)
    })
    server.close()
    expect(authorized).toBe(true)
  })

  it('stays while it is good, and is made anew for another name or near its end', async () => {
    const first = read().fingerprint256
    expect(await ensureCertificate(tls(), 'mail.example.test', now)).toBe(false)
    expect(read().fingerprint256).toBe(first)
    const late = new Date(now.getTime() + 380 * DAY_MS)
    expect(await ensureCertificate(tls(), 'mail.example.test', late)).toBe(true)
    expect(read().fingerprint256).not.toBe(first)
  })

  it("names the settings when the operator's own files do not fit", async () => {
    const own = { ...tls(), own: true }
    expect(await ensureCertificate(own, 'x', now)).toBe(false)
    writeFileSync(join(dir, 'other.pem'), 'no key')
    await expect(ensureCertificate({ ...own, keyFile: join(dir, 'other.pem') }, 'x', now)).rejects.toThrow(
      /TLS_KEY_FILE/,
    )
  })
})
