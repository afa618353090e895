import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Instance, Login } from '#tests/helpers/instance'
import { describeWith, start } from './programs'
import { type House, openDemo, swaksReplies } from './stranger'

/**
 * A stranger walks around the house with swaks and tries every door: the whole product runs, with all of its roles, and swaks says what it was answered.
 */
describeWith(['swaks'], 'swaks at every door', () => {
  let house: House
  let instance: Instance
  let home: string
  let ann: Login
  let ben: Login
  let domain: string

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'mt-swaks-'))
    house = await openDemo()
    ;({ instance, ann, ben, domain } = house)
  }, 240_000)
  afterAll(async () => {
    await house?.stop()
    rmSync(home, { recursive: true, force: true })
  }, 60_000)

  type Door = 'mx' | 'submission' | 'submissions'

  /** What the server said, line by line, and whether swaks got to the end. */
  async function swaks(door: Door, ...args: string[]): Promise<{ code: number | null; lines: string[]; last: string }> {
    const tls = door === 'submissions' ? ['--tls-on-connect'] : door === 'submission' ? ['--tls'] : []
    const all = ['--server', '127.0.0.1', '--port', String(instance.ports[door]), '--helo', 'stranger.example', ...tls]
    const { code, out } = await start('swaks', [...all, ...args], { home, lastsMs: 40_000 }).ended
    return { code, ...swaksReplies(out) }
  }
  const as = (login: Login) => ['--auth', 'PLAIN', '--auth-user', login.email, '--auth-password', login.password]

  describe('relaying (S-06)', () => {
    const forms = (d: string): [string, string][] => [
      ['plain', 'victim@elsewhere.example'],
      ['percent hack', `victim%elsewhere.example@${d}`],
      ['quoted', `"victim@elsewhere.example"@${d}`],
      ['quoted percent', `"victim%elsewhere.example"@${d}`],
      ['source route', `@${d}:victim@elsewhere.example`],
      ['two ats', `victim@elsewhere.example@${d}`],
      ['bang', `elsewhere.example!victim`],
      ['bang with us', `elsewhere.example!victim@${d}`],
      ['bang through us', `${d}!victim@elsewhere.example`],
      ['literal', 'victim@[127.0.0.1]'],
      ['our literal', `victim%elsewhere.example@[127.0.0.1]`],
      ['host of ours', 'victim@localhost'],
      ['subdomain of ours', `victim@mail.${d}`],
      ['ours in front', `victim@${d}.elsewhere.example`],
      ['full-width at', `victim＠elsewhere.example@${d}`],
    ]
    const senders = (d: string): string[] => ['a@stranger.example', '<>', `admin@${d}`]

    it('is refused in every form, from every sender', async () => {
      const taken: string[] = []
      let asked = 0
      for (const [form, to] of forms(domain))
        for (const from of form === 'plain' ? senders(domain) : ['a@stranger.example']) {
          asked++
          const { last } = await swaks('mx', '--from', from, '--to', to, '--quit-after', 'RCPT')
          if (!last.startsWith('5')) taken.push(`${form} from ${from}: ${last}`)
        }
      expect(asked).toBe(17)
      expect(taken).toEqual([])
    }, 120_000)

    it('is refused at submission without a login, and after a wrong one', async () => {
      const far = ['--from', ann.email, '--to', 'victim@elsewhere.example', '--quit-after', 'RCPT']
      for (const door of ['submission', 'submissions'] as const) {
        expect((await swaks(door, ...far)).last).toMatch(/^530/)
        const wrong = await swaks(door, ...far, ...as({ ...ann, password: 'wrong' }), '--auth-optional-strict')
        expect(wrong.lines.some((line) => line.startsWith('535'))).toBe(true)
        expect(wrong.last).toMatch(/^5/)
      }
    }, 60_000)

    it('is won by no claim of being somebody else', async () => {
      const to = ['--from', 'a@stranger.example', '--to', 'victim@elsewhere.example', '--quit-after', 'RCPT']
      const claim = await swaks('mx', ...to, '--xclient-addr', '10.0.0.1', '--xclient-optional')
      expect(claim.last).toMatch(/^5/)
      const proxied = await swaks(
        'mx',
        ...to,
        '--proxy-version',
        '1',
        '--proxy-family',
        'TCP4',
        '--proxy-source',
        '10.0.0.1',
        '--proxy-source-port',
        '25',
        '--proxy-dest',
        '127.0.0.1',
        '--proxy-dest-port',
        '25',
      )
      expect(proxied.last).toMatch(/^[45]/)
    }, 60_000)
  })

  describe('what the doors offer (S-13)', () => {
    it('no AUTH on the MX, and none anywhere before TLS', async () => {
      const mx = await swaks('mx', '--quit-after', 'EHLO')
      expect(mx.lines.join('\n')).not.toMatch(/AUTH|XCLIENT|CHUNKING/)
      const clear = await start(
        'swaks',
        [
          '--server',
          '127.0.0.1',
          '--port',
          String(instance.ports.submission),
          '--helo',
          'x.example',
          '--from',
          ann.email,
          '--to',
          ben.email,
          ...as(ann),
        ],
        { home },
      ).ended
      expect(clear.code).not.toBe(0)
      expect(clear.out).not.toMatch(/^<-\s+235/m)
    })

    it('no mechanism that would need passwords kept in the clear', async () => {
      for (const mechanism of ['CRAM-MD5', 'DIGEST-MD5'])
        expect(
          (
            await swaks(
              'submissions',
              '--from',
              ann.email,
              '--to',
              ben.email,
              '--auth',
              mechanism,
              '--auth-user',
              ann.email,
              '--auth-password',
              ann.password,
            )
          ).code,
        ).not.toBe(0)
    })
  })

  describe('who speaks (S-07)', () => {
    it('is the account, in the envelope and in every field that names an author', async () => {
      const foreign: [string, string[]][] = [
        ['MAIL FROM of another', ['--from', ben.email]],
        ['MAIL FROM of nobody', ['--from', '<>']],
        ['From of another', ['--from', ann.email, '--header', `From: ${ben.email}`]],
        ['From of two', ['--from', ann.email, '--header', `From: ${ann.email}, ${ben.email}`]],
        ['two From fields', ['--from', ann.email, '--add-header', `From: ${ben.email}`]],
        ['Sender of another', ['--from', ann.email, '--add-header', `Sender: ${ben.email}`]],
        ['Resent-From of another', ['--from', ann.email, '--add-header', `Resent-From: ${ben.email}`]],
        ['a name before the colon', ['--from', ann.email, '--add-header', `From : ${ben.email}`]],
      ]
      const taken: string[] = []
      for (const [what, args] of foreign) {
        const { last } = await swaks('submissions', ...as(ann), '--to', ben.email, ...args)
        if (!/^5/.test(last)) taken.push(`${what}: ${last}`)
      }
      expect(taken).toEqual([])
      expect((await swaks('submissions', ...as(ann), '--from', ann.email, '--to', ben.email)).last).toMatch(/^250/)
    }, 90_000)
  })

  describe('backscatter (S-08)', () => {
    it('is not made: who is not here is told so before a byte of the message', async () => {
      const { last } = await swaks('mx', '--from', 'forged@victim.example', '--to', `nobody@${domain}`)
      expect(last).toMatch(/^550 5\.1\.1/)
      expect((await instance.cli(['queue', 'list'])).json).toEqual([])
    })

    it('and VRFY and EXPN tell nobody who is here', async () => {
      const { lines } = await swaks('mx', '--quit-after', 'EHLO', '--from', 'a@stranger.example')
      expect(lines.join('\n')).not.toMatch(/VRFY|EXPN/)
    })
  })

  describe('injection (S-09)', () => {
    it.each(['$(id)@stranger.example', '`id`@stranger.example', '|id@stranger.example', 'a;id;@stranger.example'])(
      'through the sender %s does nothing but come in, or not',
      async (from) => {
        const { last } = await swaks('mx', '--from', from, '--to', ann.email)
        expect(last).toMatch(/^(?:250|5\d\d)/)
      },
    )

    it('through the parameters of a report is refused', async () => {
      for (const dsn of ['RET=FULL ENVID=x+0D+0ABcc:y', 'ENVID=+00'])
        expect(
          (await swaks('submissions', ...as(ann), '--from', `${ann.email}> ${dsn} <`, '--to', ben.email)).last,
        ).toMatch(/^5/)
    })
  })

  it('goes on serving honest people after all of that', async () => {
    expect((await swaks('mx', '--from', 'a@stranger.example', '--to', ann.email)).last).toMatch(/^250/)
    expect(await instance.health()).toBe(200)
  })
})
