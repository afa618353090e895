import { describe, expect, it } from 'vitest'
import { isSequenceSet, sequenceOf, uidsOfSet } from './sets'

/** The definition, written the slow way. */
function model(uidList: number[], set: string, byUid: boolean): number[] {
  const last = byUid ? uidList.at(-1) : uidList.length
  if (!last) return []
  const number = (text: string) => (text === '*' ? last : Number(text))
  return uidList.filter((uid, index) =>
    set.split(',').some((part) => {
      const [a = '', b = a] = part.split(':')
      const at = byUid ? uid : index + 1
      return at >= Math.min(number(a), number(b)) && at <= Math.max(number(a), number(b))
    }),
  )
}

describe('sequence sets', () => {
  it('refuses zero and other non-numbers', () => {
    for (const bad of ['0', '1,0', '0:*', '01', '', ',', '1:', '-1', '4294967296', '1:2:3', 'a', '1 ,2']) {
      expect(isSequenceSet(bad), bad).toBe(false)
    }
    for (const good of ['1', '*', '*:4', '5:1', '1,2:3,*', '4294967295']) expect(isSequenceSet(good), good).toBe(true)
  })

  it('agrees with the definition on many sets', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return (seed >> 8) % below
    }
    for (let round = 0; round < 2_000; round++) {
      const uids = Array.from({ length: random(12) }, (_, i) => i * 3 + 1 + random(3))
      const number = () => (random(5) === 0 ? '*' : String(1 + random(40)))
      const part = () => (random(2) ? number() : `${number()}:${number()}`)
      const set = Array.from({ length: 1 + random(4) }, part).join(',')
      for (const byUid of [true, false])
        expect(uidsOfSet(uids, set, byUid), `${set} of ${uids}`).toEqual(model(uids, set, byUid))
    }
  })

  it('finds positions', () => {
    expect([2, 5, 9, 4].map((uid) => sequenceOf([2, 5, 9], uid))).toEqual([1, 2, 3, 0])
  })
})
