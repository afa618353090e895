import { describe, expect, it } from 'vitest'
import { type Attempts, createAttempts } from '#mailcore/directory/attempts'

/** Failures noted, as the database would hold them; a read takes a few turns of the loop, as a query does. */
function world(most: number, mostWaiting = 100) {
  const failures = { n: 0 }
  const attempts: Attempts = createAttempts(mostWaiting)
  const seen = { checked: 0, atOnce: 0, most: 0, failures: 0, line: 0 }
  const pause = async (turns: number) => {
    for (let i = 0; i < turns; i++) await new Promise((go) => setImmediate(go))
  }
  const guess = async (right: boolean, turns = 1) => {
    const read = async () => {
      await pause(turns)
      const n = failures.n
      await pause(turns)
      return [n]
    }
    const begun = await attempts.begin([{ key: 'name', most }], read)
    if (!begun.ok) {
      seen[begun.why]++
      return
    }
    seen.checked++
    seen.most = Math.max(seen.most, ++seen.atOnce)
    await pause(3)
    if (!right) failures.n++
    seen.atOnce--
    begun.end()
    begun.end()
  }
  return { attempts, failures, seen, guess }
}

describe('attempts in flight', () => {
  it('let no burst of guesses past the ceiling (a burst of N passed it once)', async () => {
    const { guess, seen, attempts } = world(20)
    await Promise.all(Array.from({ length: 100 }, (_, n) => guess(false, (n % 4) + 1)))
    expect(seen).toMatchObject({ checked: 20, failures: 80, line: 0 })
    expect(seen.most).toBeLessThanOrEqual(20)
    expect(attempts.waiting()).toBe(0)
  })

  it('let everyone with the right password in, in their turn', async () => {
    const { guess, seen, attempts } = world(20)
    await Promise.all(Array.from({ length: 90 }, (_, n) => guess(true, (n % 5) + 1)))
    expect(seen).toMatchObject({ checked: 90, failures: 0, line: 0 })
    expect(seen.most).toBeLessThanOrEqual(20)
    expect(attempts.waiting()).toBe(0)
  })

  it('leave room by what has failed before, and none once that is all', async () => {
    const { guess, seen, failures } = world(20)
    failures.n = 18
    await Promise.all(Array.from({ length: 30 }, () => guess(true)))
    expect(seen).toMatchObject({ checked: 30 })
    expect(seen.most).toBeLessThanOrEqual(2)
    failures.n = 20
    await guess(true)
    expect(seen).toMatchObject({ checked: 30, failures: 1 })
  })

  it('bound the line', async () => {
    const { guess, seen } = world(2, 10)
    await Promise.all(Array.from({ length: 50 }, () => guess(true)))
    expect(seen.checked + seen.line).toBe(50)
    expect(seen.checked).toBeGreaterThanOrEqual(12)
    expect(seen.line).toBeGreaterThan(0)
  })

  it('hold nothing of an attempt whose failures could not be read', async () => {
    const attempts = createAttempts(0)
    const counted = [{ key: 'name', most: 1 }]
    await expect(attempts.begin(counted, () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(await attempts.begin(counted, async () => [0])).toMatchObject({ ok: true })
  })

  it('all get through when each counts under a key of its own and one of all', async () => {
    const attempts = createAttempts(1_000)
    const pause = async (turns: number) => {
      for (let i = 0; i < turns; i++) await new Promise((go) => setImmediate(go))
    }
    let through = 0
    const one = async (n: number) => {
      const counted = [
        { key: `pair ${n % 7}`, most: 3 },
        { key: 'network', most: 5 },
      ]
      const begun = await attempts.begin(counted, async () => {
        await pause(n % 3)
        return [0, 0]
      })
      await pause(n % 4)
      if (begun.ok) through++
      if (begun.ok) begun.end()
    }
    await Promise.all(Array.from({ length: 300 }, (_, n) => one(n)))
    expect(through).toBe(300)
    expect(attempts.waiting()).toBe(0)
  })
})
