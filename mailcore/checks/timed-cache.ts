/** What was found a moment ago. The oldest entry goes when it is full, so that strangers who ask for ever new names cost no more memory than `most` entries. */
export interface TimedCache<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value, forMs: number): void
}

export function createTimedCache<Value>(options: { most: number; now: () => number }): TimedCache<Value> {
  const entries = new Map<string, { value: Value; until: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      if (entry.until > options.now()) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key, value, forMs) {
      if (forMs <= 0) return
      entries.delete(key)
      entries.set(key, { value, until: options.now() + forMs })
      for (const oldest of entries.keys()) {
        if (entries.size <= options.most) break
        entries.delete(oldest)
      }
    },
  }
}
