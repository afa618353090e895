import { afterEach, describe, expect, it } from 'vitest'
import { Fault } from '#lib/errors'
import type { TestClient } from '#mailcore/door/testing'
import { literal, type SieveHouse, sieveHouse } from './testing'

let sieve: SieveHouse
afterEach(() => sieve.server.stop())

describe('scripts', () => {
  it('are stored, listed, read, activated, renamed and deleted', async () => {
    sieve = await sieveHouse()
    const client = await sieve.enter()
    const ask = (command: string) => sieve.ask(client, command)
    const script = 'keep;\r\n# "ünïcode" \\\r\n'
    expect(await ask('HAVESPACE "first" 1000')).toMatch(/^OK/)
    expect(await ask(`PUTSCRIPT "first" ${literal(script)}`)).toBe('OK "Stored"')
    expect(sieve.account.scripts.get('first')).toBe(script)
    expect(await ask('PUTSCRIPT "zweites \\"ü\\"" "keep;"')).toBe('OK "Stored"')
    expect(await ask('SETACTIVE "first"')).toMatch(/^OK/)
    expect(Buffer.from(await ask('LISTSCRIPTS'), 'latin1').toString()).toBe(
      '"first" ACTIVE\n"zweites \\"ü\\""\nOK "2 scripts"',
    )
    client.write('GETSCRIPT "first"\r\n')
    const got = (await client.until('OK "That is it"\r\n')).toString()
    expect(got).toBe(`{${Buffer.byteLength(script)}}\r\n${script}\r\nOK "That is it"\r\n`)
    expect(await ask('DELETESCRIPT "first"')).toMatch(/^NO \(ACTIVE\)/)
    expect(await ask('RENAMESCRIPT "first" "zweites \\"ü\\""')).toMatch(/^NO \(ALREADYEXISTS\)/)
    expect(await ask('RENAMESCRIPT "first" "1st"')).toMatch(/^OK/)
    expect(sieve.account.active).toBe('1st')
    expect(await ask('SETACTIVE ""')).toMatch(/^OK/)
    expect(await ask('DELETESCRIPT "1st"')).toMatch(/^OK/)
    for (const command of ['GETSCRIPT "1st"', 'DELETESCRIPT "1st"', 'SETACTIVE "1st"', 'RENAMESCRIPT "1st" "x"'])
      expect(await ask(command)).toMatch(/^NO \(NONEXISTENT\)/)
    client.close()
  })

  it('are stored only when they compile; warnings are told', async () => {
    sieve = await sieveHouse()
    const client = await sieve.enter()
    const wrong = literal('keep;\nerror\n')
    for (const command of [`PUTSCRIPT "a" ${wrong}`, `CHECKSCRIPT ${wrong}`])
      expect(await sieve.ask(client, command)).toBe('NO "line 2: unknown command \\"error\\""')
    expect(await sieve.ask(client, `CHECKSCRIPT ${literal('error\nerror\n')}`)).toMatch(/^NO \{\d+\}\nline 1.*\nline 2/)
    expect(await sieve.ask(client, 'CHECKSCRIPT "keep;"')).toMatch(/^OK/)
    expect(sieve.account.scripts.size).toBe(0)
    expect(await sieve.ask(client, 'PUTSCRIPT "a" "warn"')).toBe('OK (WARNINGS) "line 1: odd"')
    expect(sieve.account.scripts.size).toBe(1)
    expect(await sieve.ask(client, Buffer.from('CHECKSCRIPT {3+}\r\n\xff\xfe\xfd\r\n', 'latin1'))).toMatch(
      /^NO "A script is/,
    )
    client.close()
  })

  it('have limits, after which the session goes on', async () => {
    sieve = await sieveHouse()
    const client = await sieve.enter()
    const ask = (command: string) => sieve.ask(client, command)
    expect(await ask('HAVESPACE "a" 1048577')).toMatch(/^NO \(QUOTA\/MAXSIZE\)/)
    expect(await ask(`PUTSCRIPT "a" ${literal('#'.repeat(1024 * 1024 + 1))}`)).toMatch(/^NO \(QUOTA\/MAXSIZE\)/)
    expect(await ask(`PUTSCRIPT "a" ${literal('#'.repeat(3 * 1024 * 1024))}`)).toMatch(/^NO \(QUOTA\/MAXSIZE\)/)
    expect(await ask(`PUTSCRIPT "a" ${literal('#'.repeat(1024 * 1024))}`)).toBe('OK "Stored"')
    for (const name of ['b', 'c']) expect(await ask(`PUTSCRIPT "${name}" "keep;"`)).toBe('OK "Stored"')
    expect(await ask('PUTSCRIPT "d" "keep;"')).toMatch(/^NO \(QUOTA\/MAXSCRIPTS\)/)
    for (let i = 0; i < 98; i++) sieve.account.scripts.set(`more${i}`, 'keep;')
    expect(await ask('HAVESPACE "d" 1')).toMatch(/^NO \(QUOTA\/MAXSCRIPTS\)/)
    expect(await ask('HAVESPACE "a" 1')).toMatch(/^OK/)
    client.close()
  })

  it('have names without controls, of at most 512 bytes', async () => {
    sieve = await sieveHouse()
    const names = ['', 'a\tb', 'a\u0085b', 'a\u2028b', 'x'.repeat(513), 'ü'.repeat(257)]
    const client = await sieve.enter()
    for (const name of names)
      expect(await sieve.ask(client, `PUTSCRIPT "${name}" "keep;"`)).toBe('NO "That is no name for a script"')
    const odd = await sieve.enter()
    expect(await sieve.ask(odd, Buffer.from('GETSCRIPT "\xff"\r\n', 'latin1'))).toMatch(/^NO "That is no name/)
    expect(await sieve.ask(odd, `PUTSCRIPT "${'ü'.repeat(256)}" "keep;"`)).toBe('OK "Stored"')
    // One name is one script, however its letters are composed.
    expect(await sieve.ask(odd, 'PUTSCRIPT "u\u0308" "keep;"')).toBe('OK "Stored"')
    expect(await sieve.ask(odd, 'SETACTIVE "\u00fc"')).toMatch(/^OK/)
    client.close()
    odd.close()
  })

  it('wait for better times in an outage, and are left alone in a frozen mailbox', async () => {
    sieve = await sieveHouse()
    const client = await sieve.enter()
    await sieve.ask(client, 'PUTSCRIPT "a" "keep;"')
    const commands = [
      'LISTSCRIPTS',
      'GETSCRIPT "a"',
      'SETACTIVE "a"',
      'DELETESCRIPT "a"',
      'RENAMESCRIPT "a" "b"',
      'HAVESPACE "a" 1',
    ]
    sieve.account.failing = new Fault('UNAVAILABLE', 'away')
    for (const command of [...commands, 'PUTSCRIPT "a" "keep;"'])
      expect(await sieve.ask(client, command)).toMatch(/^NO \(TRYLATER\)/)
    sieve.account.failing = new Fault('OVER_QUOTA', 'full')
    expect(await sieve.ask(client, 'PUTSCRIPT "a" "keep;"')).toMatch(/^NO \(QUOTA\)/)
    sieve.account.failing = null
    client.close()
  })
})

describe('words', () => {
  const wrong = async (client: TestClient, commands: string[]) => {
    for (const command of commands) expect(await sieve.ask(client, command)).toMatch(/^NO "/)
    client.close()
  }
  it('are refused in the wrong number, kind or place', async () => {
    sieve = await sieveHouse()
    await wrong(await sieve.enter(), [
      'PUTSCRIPT "a"',
      'PUTSCRIPT "a" 1',
      'PUTSCRIPT "a" "b" "c"',
      'HAVESPACE "a"',
      'HAVESPACE 1 "a"',
      'GETSCRIPT',
      'GETSCRIPT a',
    ])
    await wrong(await sieve.enter(), [
      'LISTSCRIPTS "a"',
      'LOGOUT 1',
      'NOOP 1',
      'CAPABILITY "x"',
      'STARTTLS',
      'XYZZY',
      '',
    ])
    const client = await sieve.enter()
    client.write('NOOP "1"\r\n'.repeat(1_000))
    client.write('LOGOUT\r\n')
    const text = (await client.rest()).toString()
    expect(text).toBe(`${'OK (TAG "1") "Nothing done"\r\n'.repeat(1_000)}OK "Goodbye"\r\n`)
  })
})
