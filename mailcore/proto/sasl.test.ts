import { describe, expect, it } from 'vitest'
import { decodeBase64, oauthFailure, parseOAuthBearer, parsePlain, parseXOAuth2 } from '#mailcore/proto/sasl'

const bytes = (text: string) => Buffer.from(text, 'utf8')

describe('base64 of a SASL message', () => {
  it('reads RFC 4648 section 10', () => {
    const vectors = {
      '': '',
      f: 'Zg==',
      fo: 'Zm8=',
      foo: 'Zm9v',
      foob: 'Zm9vYg==',
      fooba: 'Zm9vYmE=',
      foobar: 'Zm9vYmFy',
    }
    for (const [text, encoded] of Object.entries(vectors)) expect(decodeBase64(encoded)?.toString()).toBe(text)
  })

  it.each([
    ['no padding', 'Zg'],
    ['half the padding', 'Zg='],
    ['too much padding', 'Zm9v===='],
    ['padding alone', '===='],
    ['padding inside', 'Zg==Zg=='],
    ['bits left over', 'Zh=='],
    ['bits left over', 'Zm9='],
    ['a space', 'Zm9v Zm9v  '],
    ['a tab', 'Zm9\tZm8='],
    ['CRLF', 'Zm\r\n'],
    ['CRLF at the end', 'Zm9vZm==\r\n\r\n'],
    ['a NUL', 'Zm9v\0\0\0\0'],
    ['the url alphabet', '-_-_'],
    ['a letter beyond ASCII', 'Zm9\u0141'],
    ['a star', '*'],
    ['the sign for nothing', '='],
  ])('refuses %s', (_what, text) => {
    expect(decodeBase64(text)).toBeNull()
  })

  it('takes every byte there is', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, at) => at))
    expect(decodeBase64(all.toString('base64'))?.equals(all)).toBe(true)
  })
})

describe('PLAIN', () => {
  it('reads the examples of RFC 4616 section 4', () => {
    expect(parsePlain(bytes('\0tim\0tanstaaftanstaaf'))).toEqual({
      authzid: '',
      authcid: 'tim',
      password: 'tanstaaftanstaaf',
    })
    expect(parsePlain(bytes('Ursel\0Kurt\0xipj3plmq'))).toEqual({
      authzid: 'Ursel',
      authcid: 'Kurt',
      password: 'xipj3plmq',
    })
  })

  it('lets a password hold anything but NUL', () => {
    const password = ' \u0001\t\r\n"\\{3}ä字\u{1f600}\ufeff '
    expect(parsePlain(bytes(`\0a@b.example\0${password}`))?.password).toBe(password)
  })

  it.each([
    ['nothing', ''],
    ['one part', 'tim'],
    ['two parts', 'tim\0secret'],
    ['four parts', '\0tim\0secret\0more'],
    ['a NUL at the end', '\0tim\0secret\0'],
    ['no name', '\0\0secret'],
    ['no password', '\0tim\0'],
  ])('refuses %s', (_what, text) => {
    expect(parsePlain(bytes(text))).toBeNull()
  })

  it.each([
    ['a stray byte', [0xff]],
    ['an overlong NUL', [0xc0, 0x80]],
    ['an overlong letter', [0xe0, 0x81, 0x81]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a character cut short', [0xe2, 0x82]],
  ])('refuses %s', (_what, odd) => {
    expect(parsePlain(Buffer.concat([bytes('\0tim\0secret'), Buffer.from(odd)]))).toBeNull()
    expect(parsePlain(Buffer.concat([bytes('\0tim'), Buffer.from(odd), bytes('\0secret')]))).toBeNull()
  })
})

describe('OAUTHBEARER', () => {
  const of = (text: string) => parseOAuthBearer(bytes(text.replaceAll('^', '\u0001')))

  it('reads the example of RFC 7628 section 4.1', () => {
    const message =
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB'
    expect(parseOAuthBearer(decodeBase64(message) ?? Buffer.alloc(0))).toEqual({
      authzid: 'user@example.com',
      host: 'server.example.com',
      port: '143',
      token: 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==',
    })
  })

  it('takes no authzid, `y`, any case of the scheme, unknown keys, and empty values of these', () => {
    expect(of('n,,^auth=Bearer abc^^')).toEqual({ authzid: '', token: 'abc' })
    expect(of('y,,^auth=bEARER  abc==^^')).toEqual({ authzid: '', token: 'abc==' })
    expect(of('n,,^mthd=POST^path=/^qs=^post=^auth=Bearer a.b_c~d+e/f-g^^')?.token).toBe('a.b_c~d+e/f-g')
  })

  it('undoes the escapes of a saslname once', () => {
    expect(of('n,a=a=2Cb=3Dc@x.example,^auth=Bearer t^^')?.authzid).toBe('a,b=c@x.example')
    expect(of('n,a==3D2C@x.example,^auth=Bearer t^^')?.authzid).toBe('=2C@x.example')
    expect(of('n,a=jürgen@x.example,^auth=Bearer t^^')?.authzid).toBe('jürgen@x.example')
  })

  it.each([
    ['nothing', ''],
    ['the dummy answer', '^'],
    ['no header', '^auth=Bearer t^^'],
    ['half a header', 'n,^auth=Bearer t^^'],
    ['channel binding', 'p=tls-unique,,^auth=Bearer t^^'],
    ['another mechanism', 'F,n,,^auth=Bearer t^^'],
    ['an empty authzid', 'n,a=,^auth=Bearer t^^'],
    ['a bare comma in the authzid', 'n,a=x,y,^auth=Bearer t^^'],
    ['an unknown escape', 'n,a=x=41,^auth=Bearer t^^'],
    ['an escape in small letters', 'n,a=x=2c,^auth=Bearer t^^'],
    ['an escape cut short', 'n,a=x=,^auth=Bearer t^^'],
    ['a NUL in the authzid', 'n,a=x\0y,^auth=Bearer t^^'],
    ['no auth', 'n,,^host=x^^'],
    ['auth twice', 'n,,^auth=Bearer t^auth=Bearer u^^'],
    ['host twice', 'n,,^host=a^host=b^auth=Bearer t^^'],
    ['another scheme', 'n,,^auth=Basic t^^'],
    ['no token', 'n,,^auth=Bearer ^^'],
    ['a space in the token', 'n,,^auth=Bearer t u^^'],
    ['a line break after the token', 'n,,^auth=Bearer t\r\n^^'],
    ['one end only', 'n,,^auth=Bearer t^'],
    ['no end', 'n,,^auth=Bearer t'],
    ['more after the end', 'n,,^auth=Bearer t^^x'],
    ['a third end', 'n,,^auth=Bearer t^^^'],
    ['no key', 'n,,^=x^auth=Bearer t^^'],
    ['no equals sign', 'n,,^host^auth=Bearer t^^'],
    ['a digit in a key', 'n,,^k1=x^auth=Bearer t^^'],
    ['a control in a value', 'n,,^host=\u0007^auth=Bearer t^^'],
    ['port 0', 'n,,^port=0^auth=Bearer t^^'],
    ['port 65536', 'n,,^port=65536^auth=Bearer t^^'],
    ['a port in words', 'n,,^port=imaps^auth=Bearer t^^'],
  ])('refuses %s', (_what, text) => {
    expect(of(text)).toBeNull()
  })

  it('refuses what is not UTF-8', () => {
    expect(parseOAuthBearer(Buffer.from('n,a=\xff,\u0001auth=Bearer t\u0001\u0001', 'latin1'))).toBeNull()
  })

  it('reads a long message of separators and equals signs without choking', () => {
    expect(of('^'.repeat(200_000))).toBeNull()
    expect(of(`n,a=${'=2C'.repeat(100_000)},^auth=Bearer t^^`)?.authzid).toHaveLength(100_000)
    expect(of(`n,,^host=${'a='.repeat(100_000)}^auth=Bearer ${'='.repeat(100_000)}x^^`)).toBeNull()
  })
})

describe('XOAUTH2', () => {
  const of = (text: string) => parseXOAuth2(bytes(text.replaceAll('^', '\u0001')))

  it('reads user and token', () => {
    expect(of('user=someuser@example.com^auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==^^')).toEqual({
      user: 'someuser@example.com',
      token: 'ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==',
    })
    expect(of('user=jürgen@x.example^auth=bearer t^^')).toEqual({ user: 'jürgen@x.example', token: 't' })
  })

  it.each([
    ['nothing', ''],
    ['no user', 'auth=Bearer t^^'],
    ['an empty user', 'user=^auth=Bearer t^^'],
    ['user twice', 'user=a^user=b^auth=Bearer t^^'],
    ['a third pair', 'user=a^auth=Bearer t^x=y^^'],
    ['no token', 'user=a^^'],
    ['one end only', 'user=a^auth=Bearer t^'],
    ['more after the end', 'user=a^auth=Bearer t^^^'],
    ['a NUL in the user', 'user=a\0b^auth=Bearer t^^'],
    ['the form of the other mechanism', 'n,a=a,^auth=Bearer t^^'],
  ])('refuses %s', (_what, text) => {
    expect(of(text)).toBeNull()
  })
})

it('says what was wrong with a token in the form of RFC 7628 section 3.2.2', () => {
  expect(decodeBase64(oauthFailure())?.toString()).toBe('{"status":"invalid_token","scope":"mail"}')
})
