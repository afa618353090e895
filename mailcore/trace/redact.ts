import type { AccountId } from '#lib/ids'
import type { TraceDetail } from '#mailcore/ports'
import type { SeenStep } from './reader'

/** Who looks at a message's way, and may see so much of it. */
export type Reader =
  | { kind: 'subscriber'; accountId: AccountId }
  | { kind: 'admin' }
  | { kind: 'reseller' }
  | { kind: 'operator' }

/** Stands for the part of an address that its reader may not see. */
export const HIDDEN = '…'

/**
 * The step as its reader may see it. Owners see all of their own; an admin the addresses of the tenant's mail; a reseller domains only, and no text that
 * another server said, which may quote an address; an operator hosts and codes, enough to find a fault and nobody's correspondence.
 */
export function redact(step: SeenStep, reader: Reader): SeenStep {
  const { detail } = step
  switch (reader.kind) {
    case 'subscriber':
    case 'admin':
      return step
    case 'reseller': {
      const { text: _text, sender, recipients, messageId: _id, ...rest } = detail
      return {
        ...step,
        detail: {
          ...rest,
          ...(sender === undefined ? {} : { sender: domainOnly(sender) }),
          ...(recipients === undefined ? {} : { recipients: [...new Set(recipients.map(domainOnly))] }),
        },
      }
    }
    case 'operator':
      return { ...step, accountId: null, detail: technical(detail) }
  }
}

/** `@example.org` of an address, with what stands before it hidden; '' stays the null sender. */
function domainOnly(address: string): string {
  const at = address.lastIndexOf('@')
  if (address === '') return ''
  return at < 0 ? HIDDEN : `${HIDDEN}${address.slice(at)}`
}

function technical(detail: TraceDetail): TraceDetail {
  const { text: _t, sender: _s, recipients, messageId: _m, findings, ...rest } = detail
  return {
    ...rest,
    ...(recipients === undefined ? {} : { recipients: recipients.map(() => HIDDEN) }),
    // What a check was about is the author's domain or key: whose mail it is, more than why it failed.
    ...(findings === undefined ? {} : { findings: findings.map(({ about: _a, ...finding }) => finding) }),
  }
}
