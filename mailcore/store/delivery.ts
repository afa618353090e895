import type { Databases } from '#db/client'
import { BoxSealer } from '#lib/crypto/box'
import { type EmailId, newId, type RegionId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Delivery, Incoming, Mailbox } from '#mailcore/ports'
import { describeMessage } from '#mailcore/proto/mime/describe'
import { flush } from '#mailcore/store/flush'
import { type Copy, Lane } from '#mailcore/store/lane'
import { asIs, packMeta, sealMessage, squeeze } from '#mailcore/store/sealing'

/**
 * Delivery with group commit: while one transaction commits, what arrives meanwhile gathers for the next. Each message is described and compressed once,
 * sealed for each account, and its caller hears after the commit only.
 */
export function createDelivery(parts: { db: Databases; log: Log }): Delivery {
  const sealer = new BoxSealer()
  const lanes = new Map<RegionId, Lane>()
  const laneFor = (region: RegionId): Lane => {
    let lane = lanes.get(region)
    if (!lane) {
      lane = new Lane((jobs) => flush(parts.db, region, jobs), parts.log)
      lanes.set(region, lane)
    }
    return lane
  }
  return {
    deliver: async (message) => {
      const copies = sealCopies(sealer, message)
      await Promise.all([...copies].map(([region, list]) => laneFor(region).add(list)))
    },
  }
}

function sealCopies(sealer: BoxSealer, message: Incoming): Map<RegionId, Copy[]> {
  const content = { squeezedBody: squeeze(message.raw), squeezedMeta: asIs(packMeta(describeMessage(message.raw))) }
  const byRegion = new Map<RegionId, Copy[]>()
  for (const mailbox of distinct(message.mailboxes)) {
    const ref = { tenantId: mailbox.tenantId, accountId: mailbox.accountId, emailId: newId<EmailId>() }
    const copy: Copy = {
      ...ref,
      size: message.raw.length,
      receivedAt: message.receivedAt,
      envelope: {
        sender: message.envelope?.sender ?? '',
        recipients: message.envelope?.recipientsOf(mailbox.accountId) ?? [],
      },
      sealed: sealMessage(sealer, mailbox, ref, content),
      into: message.into?.get(mailbox.accountId),
      onceKey: message.onceKey,
    }
    const list = byRegion.get(mailbox.region)
    if (list) list.push(copy)
    else byRegion.set(mailbox.region, [copy])
  }
  return byRegion
}

/** Two recipients that lead to one mailbox get one copy. */
const distinct = (mailboxes: readonly Mailbox[]): Mailbox[] => [
  ...new Map(mailboxes.map((m) => [m.accountId, m])).values(),
]
