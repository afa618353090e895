import type { DkimKeyRow } from '#db/control/queries/dkim-key'
import { DAY_MS } from '#lib/clock'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '#mailcore/api'

/** What has to be done next for the keys of one domain. */
export type DkimStep =
  /** Make a key, pending until its record is seen. */
  | { kind: 'make'; algorithm: SigningAlgorithm }
  /** Sign with this one from now on; those it replaces retire in the same transaction, so that there is one at any moment. */
  | { kind: 'activate'; key: DkimKeyRow; replaces: readonly DkimKeyRow[] }
  /** Nothing signed with it can be on its way any more: destroy its private half; its record may go. */
  | { kind: 'retire'; key: DkimKeyRow }

/** A key signs for half a year: often enough to bound what a stolen one is good for, seldom enough for people who set records by hand. */
export const ROTATE_DAYS = 180
/** Mail is tried for five days, and may lie with a forwarder for some more. */
export const RETIRING_DAYS = 7

/**
 * The steps that are due, of all algorithms. Pure, and made of rows alone: whoever is stopped between two steps finds the rest here again. A key becomes
 * active only once its record was seen (`publishedAt`). `rotate`: on demand, whatever the age of the active key.
 */
export function dueSteps(keys: readonly DkimKeyRow[], now: Date, rotate = false): DkimStep[] {
  return SIGNING_ALGORITHMS.flatMap((algorithm) =>
    stepsOf(
      algorithm,
      keys.filter((key) => key.algorithm === algorithm),
      now,
      rotate,
    ),
  )
}

function stepsOf(algorithm: SigningAlgorithm, keys: readonly DkimKeyRow[], now: Date, rotate: boolean): DkimStep[] {
  const steps: DkimStep[] = []
  const pending = keys.filter(({ state }) => state === 'pending')
  const active = keys.filter(({ state }) => state === 'active')
  const published = pending.findLast(({ publishedAt }) => publishedAt !== null)
  if (published) steps.push({ kind: 'activate', key: published, replaces: active })
  else if (pending.length === 0 && (rotate || active.every((key) => olderThan(key, ROTATE_DAYS, now))))
    steps.push({ kind: 'make', algorithm })
  for (const key of keys)
    if (key.state === 'retiring' && olderThan(key, RETIRING_DAYS, now)) steps.push({ kind: 'retire', key })
  return steps
}

const olderThan = (key: DkimKeyRow, days: number, now: Date): boolean =>
  now.getTime() - key.stateAt.getTime() >= days * DAY_MS
