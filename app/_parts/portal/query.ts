import { notFound } from 'next/navigation'
import { refusalOf } from '../../_trpc/server'

/** The query of a page, as Next hands it over. */
export type Query = Record<string, string | string[] | undefined>

/** One value of a query; the first of several, undefined for an empty one. */
export function one(value: string | string[] | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value
  return first === '' ? undefined : first
}

/** One of a few values, or undefined for anything else. */
export const oneOf = <T extends string>(value: string | string[] | undefined, allowed: readonly T[]): T | undefined =>
  allowed.find((word) => word === one(value))

/** A path of ours with its query; what is undefined is left out. */
export function hrefOf(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** The answer of a call about one thing; the page of "not here" when it is absent, not ours, or no id at all. */
export async function orNotFound<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    const { code } = refusalOf(error)
    if (code === 'NOT_FOUND' || code === 'BAD_REQUEST') notFound()
    throw error
  }
}

/** How many a list is read through at most: 25 pages of 200. Beyond it a page would take too long to put together. */
const PAGES_MOST = 25

/** Every item of a paged list, up to 5,000. */
export async function allOf<T>(
  list: (page: { after?: string; limit: number }) => Promise<{ items: T[]; next: string | null }>,
): Promise<T[]> {
  const all: T[] = []
  let after: string | undefined
  for (let page = 0; page < PAGES_MOST; page++) {
    const { items, next } = await list({ after, limit: 200 })
    all.push(...items)
    if (next === null) break
    after = next
  }
  return all
}
