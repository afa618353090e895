import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { arcFields } from '#mailcore/signing/arc'
import { dkimFields, type OpenKey } from '#mailcore/signing/dkim'
import { newSigningKey, readSigningKey, type SigningAlgorithm } from '#mailcore/signing/key-pair'
import { describeWith, runWell } from './programs'

/** Verifies every signature and the ARC chain of a message with dkimpy, and asks no DNS: the records lie in a file. */
const VERIFY = `
import dkim, json, sys
records = json.load(open(sys.argv[1]))
def txt(name, timeout=5):
    return records.get(name.decode().rstrip('.'), '').encode() or None
raw = open(sys.argv[2], 'rb').read()
count = sum(1 for line in raw.split(b'\\r\\n\\r\\n')[0].split(b'\\r\\n') if line.lower().startswith(b'dkim-signature:'))
def one(i):
    try: return bool(dkim.DKIM(raw).verify(idx=i, dnsfunc=txt))
    except dkim.DKIMException: return False
cv, _, _ = dkim.ARC(raw).verify(dnsfunc=txt)
print(json.dumps({'dkim': [one(i) for i in range(count)], 'arc': cv.decode() if cv else None}))
`

describeWith(['dkimverify', 'python3'], 'dkimpy', () => {
  let home: string
  const records: Record<string, string> = {}
  const keys: OpenKey[] = []
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'mt-dkimpy-'))
    for (const algorithm of ['rsa-sha256', 'ed25519-sha256'] satisfies SigningAlgorithm[]) {
      const selector = algorithm.split('-')[0] ?? ''
      const { privateKey, publicKey } = await newSigningKey(algorithm)
      records[`${selector}._domainkey.d.example`] = `v=DKIM1; k=${selector}; p=${publicKey}`
      keys.push({ domain: 'd.example', selector, algorithm, privateKey: readSigningKey(privateKey) })
    }
    writeFileSync(join(home, 'verify.py'), VERIFY)
    writeFileSync(join(home, 'records.json'), JSON.stringify(records))
  })
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  const verify = async (message: Buffer): Promise<{ dkim: boolean[]; arc: string | null }> => {
    const file = join(home, 'message.eml')
    writeFileSync(file, message)
    const args = [join(home, 'verify.py'), join(home, 'records.json'), file]
    const { out } = await runWell('python3', args, { home })
    return JSON.parse(out) as { dkim: boolean[]; arc: string | null }
  }
  const MESSAGE = Buffer.from(
    'From: A <a@d.example>\r\nTo: b@e.example\r\nList-Id: <l.d.example>\r\nSubject: long\r\n\tfolded  twice\r\nDate: Tue, 24 Nov 2026 04:00:00 +0000\r\n\r\nBody  \t\r\n\r\n\r\n',
  )
  const front = (fields: string, message = MESSAGE) => Buffer.concat([Buffer.from(fields, 'latin1'), message])

  it('verifies both signatures, and neither after a field was put in', async () => {
    const fields = await dkimFields(keys, MESSAGE)
    expect((await verify(front(fields))).dkim).toEqual([true, true])
    const forged = front(fields, Buffer.from(`${MESSAGE}`.replace('\r\n\r\n', '\r\nSubject: other\r\n\r\n')))
    expect((await verify(forged)).dkim).toEqual([false, false])
  })

  it('verifies our ARC set over a signed message', async () => {
    const [rsa] = keys
    if (!rsa) return expect.unreachable()
    const came = Buffer.concat([
      Buffer.from(
        'Authentication-Results: mx.example; dkim=pass header.d=d.example;\r\n\tdmarc=pass header.from=d.example\r\n',
      ),
      front(await dkimFields(keys, MESSAGE)),
    ])
    const sealed = front(await arcFields(rsa, came, 'mx.example'), came)
    expect(await verify(sealed)).toEqual({ dkim: [true, true], arc: 'pass' })
    expect((await verify(Buffer.from(`${sealed}`.replace('Body', 'Else')))).arc).toBe('fail')
  })
})
