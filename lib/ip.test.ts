import { describe, expect, it } from 'vitest'
import { isPublicAddress } from '#lib/ip'

describe('addresses a stranger may name', () => {
  it.each([
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '2001:db9::1',
    '2a00:1450::5',
    '::ffff:8.8.8.8',
  ])('reaches %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'ff02::1',
    '2002:7f00:1::',
    'localhost',
    '',
    '127.1',
    '2130706433',
  ])('never reaches %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})
