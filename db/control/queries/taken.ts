/** Did a statement fail because a unique index already holds the value? (SQLSTATE 23505, however deep drizzle wrapped it) */
export function isTaken(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if ('code' in e && e.code === '23505') return true
  }
  return false
}
