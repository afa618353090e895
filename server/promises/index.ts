import { codeOf } from '#lib/errors'
import { p01 } from '#server/promises/p01'
import { p02 } from '#server/promises/p02'
import { p03 } from '#server/promises/p03'
import { p04 } from '#server/promises/p04'
import { p05 } from '#server/promises/p05'
import { p06 } from '#server/promises/p06'
import { p07 } from '#server/promises/p07'
import { p08 } from '#server/promises/p08'
import { p09 } from '#server/promises/p09'
import { p10 } from '#server/promises/p10'
import { p11 } from '#server/promises/p11'
import { p12 } from '#server/promises/p12'
import { p13 } from '#server/promises/p13'
import { p14 } from '#server/promises/p14'
import { p15 } from '#server/promises/p15'
import { p16 } from '#server/promises/p16'
import { p17 } from '#server/promises/p17'
import { p18 } from '#server/promises/p18'
import { p19 } from '#server/promises/p19'
import { p20 } from '#server/promises/p20'
import { p21 } from '#server/promises/p21'
import { p22 } from '#server/promises/p22'
import type { PolicyPromise, PromiseContext, PromiseResult } from '#server/promises/promise'

/** Every promise of the privacy policy, in its order. */
export const PROMISES: readonly PolicyPromise[] = [
  p01,
  p02,
  p03,
  p04,
  p05,
  p06,
  p07,
  p08,
  p09,
  p10,
  p11,
  p12,
  p13,
  p14,
  p15,
  p16,
  p17,
  p18,
  p19,
  p20,
  p21,
  p22,
]

/** Checks every promise, one after the other. A check that cannot be made counts as failing: nothing was shown. */
export async function checkPromises(ctx: PromiseContext): Promise<PromiseResult[]> {
  const results: PromiseResult[] = []
  for (const { id, statement, check } of PROMISES) {
    const found = await check(ctx).catch((error: unknown) => ({
      state: 'failing' as const,
      evidence: `The check could not be made (${codeOf(error)}).`,
    }))
    results.push({ id, statement, ...found, checkedAt: ctx.services.clock.now().toISOString() })
  }
  return results
}
