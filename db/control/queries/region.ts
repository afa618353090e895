import { asc, eq } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { region } from '#db/control/schema/index'
import type { RegionId } from '#lib/ids'

export type RegionRow = typeof region.$inferSelect

export const selectRegions = (tx: ControlTx): Promise<RegionRow[]> => tx.select().from(region).orderBy(asc(region.id))

export async function selectRegion(tx: ControlTx, id: RegionId): Promise<RegionRow | undefined> {
  const rows = await tx.select().from(region).where(eq(region.id, id))
  return rows[0]
}
