import type { Clock } from '#lib/clock'
import { needsUtf8 } from '#mailcore/pipeline/submit'
import type { AttemptResult, Handover, Queue } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { buildBounce } from '#mailcore/proto/dsn'
import { readHeader } from '#mailcore/proto/header'
import { readSrs } from '#mailcore/proto/srs'

const refused = (enhanced: string): AttemptResult => ({ kind: 'failed', code: 550, enhanced })

/**
 * Takes the bounce of mail that was sent on, and tells its first sender. Another server's bounce quotes the address to which it went, which is its owner's
 * own matter: so a report of ours goes out in its place, which says that it failed and no more. Only a bounce comes here; whoever else writes to such an
 * address is told that there is none.
 */
export function createSrsReturn(parts: {
  queue: Pick<Queue, 'enqueue'>
  srsKey: Buffer
  clock: Clock
  hostname: string
}): Handover {
  return {
    async handle(leased) {
      const address = parseAddress(leased.recipient)
      const sender = address && readSrs(parts.srsKey, address.local, parts.clock.now())
      if (!address || !sender) return refused('5.1.1')
      if (leased.sender !== '') return refused('5.7.1')
      const { tenantId, accountId, region, id, position, traceId, queuedAt, raw } = leased
      // A report of ours (see deliver/bounce) names the address that was written to, so it goes on as it is.
      const own = isOurs(raw)
      if (!own && isProgress(raw)) return { kind: 'delivered' }
      const report = own
        ? raw
        : buildBounce({
            reportingMta: parts.hostname,
            originalSender: sender,
            recipient: `forwarded@${address.domain}`,
            code: 550,
            enhanced: '5.0.0',
            originalHeaders: '',
            now: queuedAt,
            messageId: `return.${id}.${position}@${parts.hostname}`,
          })
      await parts.queue.enqueue({
        tenantId,
        accountId,
        region,
        sender: '',
        recipients: [sender],
        raw: report,
        smtpUtf8: needsUtf8(readHeader(report).text) || needsUtf8(sender),
        origin: 'automatic',
        ...(traceId ? { traceId } : {}),
      })
      return { kind: 'delivered' }
    },
  }
}

/** What came in by a door has a Received field; what deliver wrote here has none. */
const isOurs = (raw: Buffer): boolean => !readHeader(raw).fields.some(({ name }) => name === 'received')

/** How much of a report is looked at for what it says. */
const LOOKED_AT_BYTES = 64 * 1024

/** Does another server's report tell of something other than a failure (RFC 3464 2.3.3)? */
const isProgress = (raw: Buffer): boolean =>
  /^Action:[ \t]*(?:delayed|relayed|delivered|expanded)\b/im.test(raw.subarray(0, LOOKED_AT_BYTES).toString('latin1'))
