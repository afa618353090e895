import fs from 'node:fs'
import { type Context, KEY_BYTES, newKey, open, seal } from '#lib/crypto/aead'
import { deriveKey } from '#lib/crypto/hash'
import { Fault } from '#lib/errors'

/** The root of the key hierarchy, behind one interface: a file on one machine here; other providers speak the same. */
export interface RootKms {
  wrap(key: Buffer, context: Context): Promise<{ wrapped: Buffer; version: number }>
  unwrap(wrapped: Buffer, version: number, context: Context): Promise<Buffer>
}

/** Reads a key file: 32 bytes in base64. Its text is never part of an error. */
export function readKeyFile(file: string): Buffer {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Fault(
      'UNAVAILABLE',
      `The key file ${file} cannot be read. Check that it exists and that its owner runs this process.`,
      { cause },
    )
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== KEY_BYTES)
    throw new Fault('INTERNAL', `The key file ${file} does not hold a key of ${KEY_BYTES} bytes in base64.`)
  return key
}

/** The file provider. The wrapping key is derived from the file's bytes for this one purpose, so that the file may serve others too. */
export function fileKms(file: string): RootKms {
  const key = deriveKey(readKeyFile(file), 'mailtight/root/v1')
  return {
    wrap: async (plain, context) => ({ wrapped: seal(key, plain, context), version: 1 }),
    unwrap: async (wrapped, _version, context) => open(key, wrapped, context),
  }
}

/** A provider that holds a root key in memory only, for tests and tools. */
export function memoryKms(key: Buffer = newKey()): RootKms {
  return {
    wrap: async (plain, context) => ({ wrapped: seal(key, plain, context), version: 1 }),
    unwrap: async (wrapped, _version, context) => open(key, wrapped, context),
  }
}
