import { expect, it } from 'vitest'
import { useHouse } from './house'
import { describeWith, run, runWell } from './programs'

const SCRIPT = `require ["fileinto", "vacation"];
if header :contains "subject" "träge" { fileinto "Archive"; }
`

describeWith(['sieve-connect'], 'sieve-connect', () => {
  const house = useHouse()
  const call = (...args: string[]) => {
    const { home, certificate, account, clear } = house()
    const common = [
      '--server',
      'localhost',
      '--port',
      String(clear.sieve),
      '--user',
      account.address,
      '--passwordfd',
      '0',
    ]
    return { args: [...common, '--tlscafile', certificate, ...args], options: { home, input: `${account.password}\n` } }
  }
  const sieve = async (...args: string[]) => {
    const { args: all, options } = call(...args)
    return (await runWell('sieve-connect', all, options)).out
  }

  it('uploads, lists, activates, downloads and deletes scripts, and hears what is wrong with one', async () => {
    const test = house()
    test.file('one.sieve', SCRIPT)
    test.file('wrong.sieve', 'require "fileinto";\nfileinto 5;\n')
    await sieve('--upload', '--localsieve', 'one.sieve', '--remotesieve', 'one')
    await sieve('--upload', '--localsieve', 'one.sieve', '--remotesieve', 'two')
    await sieve('--activate', '--remotesieve', 'one')
    const list = await sieve('--list')
    expect(list).toMatch(/"one" ACTIVE/)
    expect(list).toMatch(/"two"/)
    expect((await test.store.scripts()).map(({ name, active }) => `${name} ${active}`)).toEqual([
      'one true',
      'two false',
    ])
    await sieve('--download', '--remotesieve', 'one', '--localsieve', 'back.sieve')
    expect(test.read('back.sieve').toString()).toBe(SCRIPT)
    const wrong = call('--upload', '--localsieve', 'wrong.sieve', '--remotesieve', 'wrong')
    const answer = await run('sieve-connect', wrong.args, wrong.options)
    expect(answer.code).not.toBe(0)
    expect(answer.out + answer.err).toMatch(/line 2/i)
    await sieve('--delete', '--remotesieve', 'two')
    await sieve('--deactivate')
    expect((await test.store.scripts()).map(({ name, active }) => `${name} ${active}`)).toEqual(['one false'])
  })
})
