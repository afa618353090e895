import { findAttachment } from './attachment'
import { expand } from './expand'
import { REPORT_LIMITS } from './limits'
import { createDmarcReader, type DmarcContent } from './read-dmarc'
import { readTlsReport, type TlsContent } from './read-tls'
import { unfit } from './refusal'

const BRACE = 0x7b
const SPACES: readonly (number | undefined)[] = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]

/**
 * The report in a message, whatever it is packed in; told to be JSON or XML by its first byte. Bounded in memory and time, and never long without
 * a turn for others (S-15). Throws a refusal.
 */
export async function readReport(raw: Buffer): Promise<DmarcContent | TlsContent> {
  const attached = findAttachment(raw)
  const json: Uint8Array[] = []
  let jsonBytes = 0
  let dmarc: ReturnType<typeof createDmarcReader> | undefined
  await expand(attached, REPORT_LIMITS.xmlBytes, (chunk) => {
    if (jsonBytes === 0 && !dmarc) {
      const first = chunk.find((byte) => !SPACES.includes(byte))
      if (first !== BRACE) dmarc = createDmarcReader()
    }
    if (dmarc) {
      dmarc.reader.write(chunk)
      return
    }
    jsonBytes += chunk.length
    if (jsonBytes > REPORT_LIMITS.jsonBytes) throw unfit('too-large')
    // What the unpacker handed on is its own memory, used again for what comes next.
    json.push(Uint8Array.from(chunk))
  })
  return dmarc ? dmarc.finish() : readTlsReport(Buffer.concat(json))
}
