import type { Databases } from '#db/client'
import { Fault } from '#lib/errors'
import type { DkimKeyId, TenantId } from '#lib/ids'
import type { KeyService } from '#mailcore/keys/service'
import type { Signer } from '#mailcore/ports'
import { arcFields } from './arc'
import { dkimFields, type OpenKey } from './dkim'
import { readSigningKey, type SigningAlgorithm } from './key-pair'

export interface SignerParts {
  db: Databases
  keys: KeyService
  /** Under which our Authentication-Results stand */
  hostname: string
}

/** How long a domain's open keys are remembered (reliability C-07: at most 5 minutes), and of how many domains: some 3 KB each. */
const REMEMBER_MS = 240_000
const REMEMBERED_MOST = 2_000

interface KeyRow {
  tenant_id: TenantId
  id: DkimKeyId
  selector: string
  algorithm: SigningAlgorithm
}

/**
 * Signs with the active keys of a domain. Throws a Fault when a key cannot be read at the moment: mail then waits rather than leave unsigned. A key that
 * begins to retire signs for as long as it is remembered, and its record stands for days.
 */
export function createSigner({ db, keys, hostname }: SignerParts): Signer {
  const remembered = new Map<string, { keys: Promise<OpenKey[]>; until: number }>()

  const read = async (domain: string): Promise<OpenKey[]> => {
    const rows = await db.control.lookup<KeyRow[]>`select * from unsafe.signing_keys(${domain})`
    // Between two of one algorithm, which a rotation may leave for a moment, the later counts.
    const latest = rows.filter((row, i) => rows.findIndex((one) => one.algorithm === row.algorithm) === i)
    const opened = await Promise.all(latest.map((row) => openKey(domain, row)))
    return opened.filter((key) => key !== null)
  }

  const openKey = async (domain: string, row: KeyRow): Promise<OpenKey | null> => {
    try {
      const privateKey = readSigningKey(await keys.dkimKey(row.tenant_id, row.id))
      return { domain, selector: row.selector, algorithm: row.algorithm, privateKey }
    } catch (error) {
      // Destroyed with its tenant, or retired since the row was read.
      if (error instanceof Fault && error.code === 'NOT_FOUND') return null
      throw error
    }
  }

  const keysOf = (domain: string): Promise<OpenKey[]> => {
    const known = remembered.get(domain)
    if (known && known.until > Date.now()) return known.keys
    if (remembered.size >= REMEMBERED_MOST) remembered.clear()
    const found = read(domain)
    remembered.set(domain, { keys: found, until: Date.now() + REMEMBER_MS })
    found.catch(() => remembered.delete(domain))
    return found
  }

  return {
    sign: async (domain, message) => dkimFields(await keysOf(domain.toLowerCase()), message),
    seal: async (domain, message) => {
      const key = (await keysOf(domain.toLowerCase())).find((one) => one.algorithm === 'rsa-sha256')
      return key ? arcFields(key, message, hostname) : ''
    },
  }
}
