import type { Databases } from '#db/client'
import {
  pauseDestination,
  resumeDestination,
  selectPolicy,
  sweepDestinations,
  upsertPolicy,
} from '#db/mail/queries/destination'
import { sweepSuppressions } from '#db/mail/queries/suppression'
import { MINUTE_MS } from '#lib/clock'
import { open, seal } from '#lib/crypto/aead'
import { deriveKey } from '#lib/crypto/hash'
import type { Destinations, StsPolicy } from '#mailcore/ports'
import { destinationHash } from '#mailcore/queue/hashes'

/** A destination that answers is noted at most this often. */
const NOTED_MS = MINUTE_MS
const NOTED_MOST = 10_000

/** What is kept about remote domains, in every region this process reaches, by keyed hash; policies sealed under a key made from the look-up key. */
export function createDestinations(parts: {
  db: Databases
  lookupKey: Buffer
}): Destinations & { sweep(): Promise<void> } {
  const { db, lookupKey } = parts
  const policyKey = deriveKey(lookupKey, 'mailtight/sts-policy/v1')
  const noted = new Map<string, number>()
  const hashOf = (domain: string) => destinationHash(lookupKey, domain)
  const context = (hash: Buffer) => ['sts-policy/v1', hash.toString('hex')] as const
  return {
    failed: async (domain) => {
      noted.delete(domain)
      const hash = hashOf(domain)
      const untils = await Promise.all(
        db.regions.map((region) => db.mail(region).withQueue((tx) => pauseDestination(tx, hash))),
      )
      return untils[0] ?? new Date()
    },
    answered: async (domain) => {
      if ((noted.get(domain) ?? 0) > Date.now() - NOTED_MS) return
      if (noted.size > NOTED_MOST) noted.clear()
      noted.set(domain, Date.now())
      const hash = hashOf(domain)
      await Promise.all(db.regions.map((region) => db.mail(region).withQueue((tx) => resumeDestination(tx, hash))))
    },
    policy: async (domain) => {
      const hash = hashOf(domain)
      for (const region of db.regions) {
        const row = await db.mail(region).withQueue((tx) => selectPolicy(tx, hash))
        if (!row) continue
        const policy: StsPolicy = JSON.parse(open(policyKey, row.sealed, context(hash)).toString())
        return { policy, until: row.until }
      }
      return null
    },
    keepPolicy: async (domain, policy, until) => {
      const hash = hashOf(domain)
      const sealed = seal(policyKey, Buffer.from(JSON.stringify(policy)), context(hash))
      await Promise.all(
        db.regions.map((region) => db.mail(region).withQueue((tx) => upsertPolicy(tx, { hash, sealed, until }))),
      )
    },
    sweep: async () => {
      for (const region of db.regions) {
        await db.mail(region).withQueue((tx) => sweepDestinations(tx))
        await db.mail(region).withQueue((tx) => sweepSuppressions(tx))
      }
    },
  }
}
