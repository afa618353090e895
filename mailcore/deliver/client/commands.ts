import { encodeXtext } from '#mailcore/proto/dsn'
import type { Capabilities } from './capabilities'

/** One recipient of a transaction with what its sender wished (RFC 3461). */
export interface Recipient {
  address: string
  notify?: readonly ('never' | 'success' | 'failure' | 'delay')[]
  /** `type;address`, or an address alone, decoded */
  orcpt?: string
}

/** One message for one or more recipients of the same host. */
export interface Transaction {
  sender: string
  recipients: readonly Recipient[]
  /** Canonical (`canonicalBytes`) */
  message: Buffer
  smtpUtf8: boolean
  eightBit: boolean
  ret?: 'full' | 'hdrs'
  envid?: string
  requireTls: boolean
}

/** Nothing that ends a line or the brackets may be in an address, whatever let it so far (S-09). */
export const isWireAddress = (address: string): boolean => !/[\p{Cc}<>\s\u2028\u2029]/u.test(address)

/** MAIL with the parameters the server has offered and no other. */
export function mailCommand(one: Transaction, can: Capabilities): string {
  let command = `MAIL FROM:<${one.sender}>`
  if (can.size !== null) command += ` SIZE=${one.message.length}`
  if (can.eightBit && one.eightBit) command += ' BODY=8BITMIME'
  if (can.smtpUtf8 && one.smtpUtf8) command += ' SMTPUTF8'
  if (can.dsn && one.ret) command += ` RET=${one.ret === 'full' ? 'FULL' : 'HDRS'}`
  if (can.dsn && one.envid) command += ` ENVID=${encodeXtext(one.envid.slice(0, 100))}`
  if (can.requireTls && one.requireTls) command += ' REQUIRETLS'
  return `${command}\r\n`
}

export function rcptCommand(one: Recipient, can: Capabilities): string {
  let command = `RCPT TO:<${one.address}>`
  if (can.dsn && one.notify && one.notify.length > 0)
    command += ` NOTIFY=${one.notify.map((when) => when.toUpperCase()).join(',')}`
  if (can.dsn && one.orcpt) {
    const [, type = 'rfc822', address = one.orcpt] = /^([A-Za-z0-9-]+);(.*)$/s.exec(one.orcpt) ?? []
    command += ` ORCPT=${type};${encodeXtext(address.slice(0, 400))}`
  }
  return `${command}\r\n`
}
