import type { Page } from '#server/services'

export const PAGE_LIMIT = { initially: 50, most: 200 } as const

export const pageLimit = (wanted: number | undefined): number =>
  Math.max(1, Math.min(PAGE_LIMIT.most, Math.trunc(wanted ?? PAGE_LIMIT.initially)))

/** The page of a sorted list that follows the item named by `after`; from the start when that item is gone. */
export function pageAfter<T>(
  sorted: readonly T[],
  idOf: (item: T) => string,
  { after, limit }: { after?: string; limit: number },
): Page<T> {
  const from = after === undefined ? 0 : sorted.findIndex((item) => idOf(item) === after) + 1
  const items = sorted.slice(from, from + limit)
  const last = items.at(-1)
  return { items, next: last !== undefined && from + limit < sorted.length ? idOf(last) : null }
}

/** All pages of a list, one after the other. */
export async function collect<T>(page: (after: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const out: T[] = []
  for (let after: string | undefined; ; ) {
    const { items, next } = await page(after)
    out.push(...items)
    if (next === null) return out
    after = next
  }
}
