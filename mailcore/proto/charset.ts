import { isAscii } from 'node:buffer'

/** Decoders by label. Labels come from messages, so only those that TextDecoder knows are kept: the table stays small. */
const decoders = new Map<string, TextDecoder>()

function decoderOf(label: string): TextDecoder | null {
  const known = decoders.get(label)
  if (known) return known
  if (label.length > 40) return null
  try {
    const decoder = new TextDecoder(label)
    if (decoders.size < 500) decoders.set(label, decoder)
    return decoder
  } catch {
    return null // not a charset of the WHATWG encoding standard (UTF-7 among them: it only ever smuggled markup)
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** Text that declares no charset, or a wrong one: UTF-8 where that fits, else Latin-1, which always does. */
export function guessText(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1')
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/** `bytes` in the charset named `label` as a string. Never throws; an unknown charset is guessed. */
export function decodeText(bytes: Buffer, label: string | undefined): string {
  const name = label?.trim().toLowerCase()
  if (!name || name === 'us-ascii' || name === 'ascii' || name === 'utf-8' || name === 'utf8') {
    return name?.startsWith('utf') ? bytes.toString('utf8') : guessText(bytes)
  }
  const decoder = decoderOf(name)
  if (!decoder) return guessText(bytes)
  try {
    return decoder.decode(bytes)
  } catch {
    return guessText(bytes)
  }
}
