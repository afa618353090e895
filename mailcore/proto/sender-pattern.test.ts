import { describe, expect, it } from 'vitest'
import { parseSenderPattern, patternsOfAddress, patternsOfNetwork } from './sender-pattern'

const text = (typed: string) => parseSenderPattern(typed)?.text

describe('a pattern as it is typed', () => {
  it('is an address, a domain, a domain with what is below it, or a network', () => {
    expect(parseSenderPattern(' Bob@Example.COM ')).toEqual({ kind: 'address', text: 'bob@example.com' })
    expect(parseSenderPattern('Example.com')).toEqual({ kind: 'domain', text: 'example.com' })
    expect(parseSenderPattern('@example.com')).toEqual({ kind: 'domain', text: 'example.com' })
    expect(parseSenderPattern('.example.com')).toEqual({ kind: 'subdomains', text: '.example.com' })
    expect(parseSenderPattern('*.example.com')).toEqual({ kind: 'subdomains', text: '.example.com' })
    expect(parseSenderPattern('192.0.2.77/24')).toEqual({ kind: 'network', text: '192.0.2.0/24' })
    expect(text('192.0.2.77')).toBe('192.0.2.77/32')
    expect(text('2001:DB8::1/33')).toBe('2001:db8:0:0:0:0:0:0/33')
    expect(text('::1')).toBe('0:0:0:0:0:0:0:1/128')
  })

  it('is nothing where it would name too much or nothing at all', () => {
    for (const typed of ['', 'com', '.com', '1.2.3.4/7', '2001::/15', '2001:db8::/65', '1.2.3', '1.2.3.256', 'a b@c.d'])
      expect(text(typed), typed).toBeUndefined()
    for (const typed of ['1.2.3.4/33', '1.2.3.4/24/24', '1::2::3', ':::', 'a@b', '1:2:3:4:5:6:7:8:9', '12345::'])
      expect(text(typed), typed).toBeUndefined()
  })
})

describe('what a sender matches', () => {
  it('its address, its domain, and each domain above', () => {
    expect(patternsOfAddress('a@x.y.example.com')).toEqual([
      'a@x.y.example.com',
      'x.y.example.com',
      '.x.y.example.com',
      '.y.example.com',
      '.example.com',
    ])
  })

  it('the networks its address is in, each typed form among them', () => {
    for (const typed of ['192.0.2.77', '192.0.2.0/24', '192.0.0.0/9', '192.0.0.0/8'])
      expect(patternsOfNetwork('192.0.2.77')).toContain(text(typed))
    expect(patternsOfNetwork('192.0.3.77')).not.toContain(text('192.0.2.0/24'))
    for (const typed of ['2001:db8::1', '2001:db8::/32', '2001:db8::/64'])
      expect(patternsOfNetwork('2001:db8::1')).toContain(text(typed))
    expect(patternsOfNetwork('nonsense')).toEqual([])
    expect(patternsOfNetwork('192.0.2.77')).toHaveLength(25)
    expect(patternsOfNetwork('2001:db8::1')).toHaveLength(50)
  })
})
