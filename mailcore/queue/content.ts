import { open, seal } from '#lib/crypto/aead'
import type { QueueId, TenantId } from '#lib/ids'
import type { Failure, MxHost, Outgoing, Wishes } from '#mailcore/ports'
import { squeeze, unsqueeze } from '#mailcore/store/sealing'

/** What of a queued message is sealed beside its bytes. */
export interface Head {
  sender: string
  smtpUtf8: boolean
  wishes: Wishes
}

export interface Ref {
  tenantId: TenantId
  id: QueueId
}

const ids = ({ tenantId, id }: Ref) => [tenantId, id] as const
export const keyContext = (ref: Ref) => ['queue-key/v1', ...ids(ref)] as const
const contentContext = (ref: Ref) => ['queue/v1', ...ids(ref)] as const
const recipientContext = (ref: Ref, position: number) => ['queue-recipient/v1', ...ids(ref), position] as const
const failureContext = (ref: Ref, position: number) => ['queue-failure/v1', ...ids(ref), position] as const
const routeContext = (ref: Ref, position: number) => ['queue-route/v1', ...ids(ref), position] as const

/** Head and bytes together under the message's key: length of the head (u32), head as JSON, bytes. */
export function sealContent(key: Buffer, ref: Ref, message: Outgoing): Buffer {
  const { sender, smtpUtf8, wishes } = message
  const head = Buffer.from(JSON.stringify({ sender, smtpUtf8, ...(wishes ? { wishes } : {}) }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  return seal(key, squeeze(Buffer.concat([length, head, message.raw])), contentContext(ref))
}

export function openContent(key: Buffer, ref: Ref, sealed: Buffer): { head: Head; raw: Buffer } {
  const content = unsqueeze(open(key, sealed, contentContext(ref)))
  const bytes = content.readUInt32LE(0)
  const { sender, smtpUtf8, wishes }: Omit<Head, 'wishes'> & { wishes?: Wishes & { notBefore?: string } } = JSON.parse(
    content.toString('utf8', 4, 4 + bytes),
  )
  const notBefore = wishes?.notBefore ? { notBefore: new Date(wishes.notBefore) } : {}
  return { head: { sender, smtpUtf8, wishes: { ...wishes, ...notBefore } }, raw: content.subarray(4 + bytes) }
}

export const sealRecipient = (key: Buffer, ref: Ref, position: number, recipient: string): Buffer =>
  seal(key, Buffer.from(recipient), recipientContext(ref, position))
export const openRecipient = (key: Buffer, ref: Ref, position: number, sealed: Buffer): string =>
  open(key, sealed, recipientContext(ref, position)).toString()

export const sealFailure = (key: Buffer, ref: Ref, position: number, failure: Failure): Buffer =>
  seal(key, Buffer.from(JSON.stringify(failure)), failureContext(ref, position))

export function openFailure(key: Buffer, ref: Ref, position: number, sealed: Buffer): Failure {
  const { at, ...rest }: Omit<Failure, 'at'> & { at: string } = JSON.parse(
    open(key, sealed, failureContext(ref, position)).toString(),
  )
  return { ...rest, at: new Date(at) }
}

export const sealRoute = (key: Buffer, ref: Ref, position: number, hosts: readonly MxHost[]): Buffer =>
  seal(key, Buffer.from(JSON.stringify(hosts)), routeContext(ref, position))
export const openRoute = (key: Buffer, ref: Ref, position: number, sealed: Buffer): MxHost[] =>
  JSON.parse(open(key, sealed, routeContext(ref, position)).toString())
