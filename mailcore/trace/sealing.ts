import type { Context } from '#lib/crypto/aead'
import type { TenantId } from '#lib/ids'
import type { TraceDetail } from '#mailcore/ports'

/** What a process' key for one tenant and day is bound to when it is wrapped to the day's log key. */
export const keyContext = (tenantId: TenantId, id: string, day: number): Context => ['trace-key/v1', tenantId, id, day]

/** What one line is bound to. */
export const lineContext = (tenantId: TenantId, keyId: string, id: string): Context => ['trace/v1', tenantId, keyId, id]

export const DAY_VERSION = 1

/** A stranger's novel in a reply is cut before it is kept. */
const TEXT_CHARACTERS = 300
/** Recipients named in one line: a message to more has the first of them. */
const RECIPIENTS_MOST = 100

export const packDetail = (detail: TraceDetail): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...detail,
      ...(detail.text ? { text: detail.text.slice(0, TEXT_CHARACTERS) } : {}),
      ...(detail.recipients ? { recipients: detail.recipients.slice(0, RECIPIENTS_MOST) } : {}),
    }),
  )

export const unpackDetail = (plain: Buffer): TraceDetail => JSON.parse(plain.toString('utf8')) as TraceDetail
