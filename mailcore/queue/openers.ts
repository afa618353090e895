import { BoxOpener } from '#lib/crypto/box'
import { Fault } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import type { KeyService } from '#mailcore/keys/service'

/** How long an opened queue key is remembered (reliability C-07: at most 5 minutes), and of how many tenants. */
const REMEMBER_MS = 240_000
const REMEMBERED_MOST = 1_000

/** Opens what is sealed to tenants' queue keys; `keys` is null in a process that may not. */
export function queueOpeners(keys: KeyService | null): (tenant: TenantId) => Promise<BoxOpener> {
  const openers = new Map<TenantId, { opener: BoxOpener; until: number }>()
  return async (tenant) => {
    const known = openers.get(tenant)
    if (known && known.until > Date.now()) return known.opener
    if (!keys) throw new Fault('INTERNAL', 'This process cannot open the queue.')
    const opener = new BoxOpener(await keys.queuePair(tenant))
    if (openers.size > REMEMBERED_MOST) openers.clear()
    openers.set(tenant, { opener, until: Date.now() + REMEMBER_MS })
    return opener
  }
}
