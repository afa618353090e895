import { describe, expect, it } from 'vitest'
import { LIMITS } from '#lib/limits'
import { createPeerLimit } from './peers'

describe('sessions per address', () => {
  it('turns the next one away, others not, and gives places back', () => {
    const peers = createPeerLimit((address) => address === '127.0.0.1')
    for (let i = 0; i < LIMITS.sessionsPerAddress; i++) expect(peers.enter('192.0.2.1')).toBe(true)
    expect(peers.enter('192.0.2.1')).toBe(false)
    expect(peers.enter('192.0.2.2')).toBe(true)
    peers.leave('192.0.2.1')
    expect(peers.enter('192.0.2.1')).toBe(true)
    for (let i = 0; i <= LIMITS.sessionsPerAddress; i++) expect(peers.enter('127.0.0.1')).toBe(true)
  })
})
