import { describe, expect, it } from 'vitest'
import { emptyMemory, hashWords, pack, score, train, unpack } from './spam-words'

const key = Buffer.alloc(32, 7)
const words = (text: string) => hashWords(key, text)

function taught() {
  const memory = emptyMemory()
  for (let n = 0; n < 12; n++) {
    train(memory, words(`cheap watches offer click number${n}`), 'spam')
    train(memory, words(`meeting agenda project notes number${n}`), 'ham')
  }
  return memory
}

describe('what an owner has marked', () => {
  it('tells spam from other mail, and is undecided about what it has not seen', () => {
    const memory = taught()
    expect(score(memory, words('Cheap watches, click here'))).toBeGreaterThan(0.95)
    expect(score(memory, words('notes of the project meeting'))).toBeLessThan(0.05)
    expect(score(memory, words('entirely unknown talk'))).toBe(0.5)
    expect(score(memory, words('cheap meeting'))).toBeCloseTo(0.5, 1)
  })

  it('says nothing before it has seen ten of each', () => {
    const memory = emptyMemory()
    for (let n = 0; n < 30; n++) train(memory, words('cheap watches'), 'spam')
    expect(score(memory, words('cheap watches'))).toBeNull()
  })

  it('is taken back where mail is moved out of Junk again', () => {
    const memory = taught()
    const before = pack(memory)
    const message = words('a letter that was marked by mistake')
    train(memory, message, 'spam')
    expect(pack(memory).equals(before)).toBe(false)
    train(memory, message, 'spam', true)
    expect(unpack(pack(memory))).toEqual(unpack(before))
  })

  it('comes back from its bytes as it was, and empty from bytes that are none of its', () => {
    const memory = taught()
    expect(unpack(pack(memory))).toEqual(memory)
    for (const bytes of [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(30, 9), pack(memory).subarray(0, 20)])
      expect(unpack(bytes)).toEqual(emptyMemory())
  })

  it('holds words only as hashes under the key, and never more than it may', () => {
    expect([...words('secret')]).not.toEqual([...hashWords(Buffer.alloc(32, 8), 'secret')])
    expect(pack(taught()).includes('watches')).toBe(false)
    const memory = emptyMemory()
    for (let n = 0; n < 30; n++) train(memory, new Set(Array.from({ length: 1_000 }, (_, i) => n * 1_000 + i)), 'ham')
    train(memory, words('kept'), 'ham')
    expect(memory.words.size).toBeLessThanOrEqual(20_000)
    expect(hashWords(key, Array.from({ length: 5_000 }, (_, n) => `word${n}`).join(' ')).size).toBe(1_000)
  })
})
