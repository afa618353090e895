import type { SessionRow } from '#db/control/queries/session'
import { open, seal } from '#lib/crypto/aead'

const contextOf = (tokenHash: Buffer) => ['session-device/v1', tokenHash.toString('hex')] as const

/** Browser family and system in a few words, sealed. */
export const sealDevice = (key: Buffer, tokenHash: Buffer, device: string): Buffer =>
  seal(key, Buffer.from(device.slice(0, 100)), contextOf(tokenHash))

export const openDevice = (key: Buffer, row: Pick<SessionRow, 'tokenHash' | 'deviceSealed'>): string =>
  row.deviceSealed ? open(key, row.deviceSealed, contextOf(row.tokenHash)).toString() : ''
