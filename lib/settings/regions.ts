import { Fault } from '#lib/errors'
import type { RegionId } from '#lib/ids'
import type { Environment } from '#lib/settings/env-file'

/** A place where mail is kept, in a database of its own, under one company's law. */
export interface RegionSetting {
  /** Lower case, a letter first, at most 12 characters: it becomes part of database and setting names. */
  id: RegionId
  name: string
  legalEntity: string
  jurisdiction: string
}

const KNOWN: Record<string, Omit<RegionSetting, 'id'>> = {
  eu: { name: 'Frankfurt', legalEntity: 'MailTight Europe GmbH', jurisdiction: 'Germany' },
  ca: { name: 'Toronto', legalEntity: 'MailTight Canada Inc.', jurisdiction: 'Canada (Ontario)' },
}

/** The regions named by MAILTIGHT_REGIONS (default `eu,ca`), described by REGION_<ID>_NAME, _LEGAL_ENTITY and _JURISDICTION. */
export function parseRegions(env: Environment): RegionSetting[] {
  const ids = (env.MAILTIGHT_REGIONS ?? 'eu,ca').split(',').map((id) => id.trim().toLowerCase())
  if (new Set(ids).size !== ids.length || ids.some((id) => !/^[a-z][a-z0-9]{0,11}$/.test(id))) {
    throw new Fault('BAD_REQUEST', 'MAILTIGHT_REGIONS must be short names with commas between them, such as eu,ca.')
  }
  return ids.map((id) => {
    const known = KNOWN[id]
    const own = (name: string) => env[`REGION_${id.toUpperCase()}_${name}`]
    return {
      id: id as RegionId,
      name: own('NAME') ?? known?.name ?? id.toUpperCase(),
      legalEntity: own('LEGAL_ENTITY') ?? known?.legalEntity ?? 'MailTight',
      jurisdiction: own('JURISDICTION') ?? known?.jurisdiction ?? '',
    }
  })
}
