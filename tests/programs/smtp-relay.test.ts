import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smtpClient } from '#tests/helpers/smtp-client'
import { describeWith, start } from './programs'
import { type House, openDemo, repliesUntil, signedIn, swaksReplies } from './stranger'

/** A stranger asks every door to pass mail on (S-06), and an account tries to speak as another (S-07). */
describeWith(['swaks'], 'swaks at the doors, for others', () => {
  let house: House
  let home: string
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'mt-relay-'))
    house = await openDemo()
  }, 240_000)
  afterAll(async () => {
    await house?.stop()
    rmSync(home, { recursive: true, force: true })
  }, 60_000)

  const FAR = 'elsewhere.example'
  /** Fourteen ways to write one address elsewhere. */
  const forms = (d: string): string[] => [
    `v@${FAR}`,
    `v%${FAR}@${d}`,
    `"v@${FAR}"@${d}`,
    `"v%${FAR}"@${d}`,
    `@${d}:v@${FAR}`,
    `v@${FAR}@${d}`,
    `${d}!v@${FAR}`,
    `${FAR}!v@${d}`,
    'v@[127.0.0.1]',
    'v@[IPv6:::1]',
    `v@${d}.`,
    `v%${FAR}@[127.0.0.1]`,
    `v@${FAR}%${d}`,
    `"v"@${FAR}`,
  ]
  /** Eight ways to be somebody: what swaks is told besides the address. */
  const identities = (): [string, string[]][] => [
    ['nobody', ['--from', '<>']],
    ['one of ours', ['--from', house.ben.email]],
    ['the recipient', ['--from', `v@${FAR}`]],
    ['a mapped address', ['--from', 'a@[IPv6:::ffff:127.0.0.1]']],
    ['localhost', ['--from', 'root@localhost', '--helo', 'localhost']],
    ['us', ['--from', 'a@stranger.example', '--helo', house.domain]],
    [
      'an XCLIENT',
      [
        '--from',
        'a@stranger.example',
        '--xclient',
        `ADDR=127.0.0.1 LOGIN=${house.ben.email}`,
        '--xclient-optional',
        '--xclient-no-verify',
      ],
    ],
    [
      'who has just failed to sign in',
      [
        '--from',
        house.ann.email,
        '--auth',
        'PLAIN',
        '--auth-user',
        house.ann.email,
        '--auth-password',
        'wrong',
        '--auth-optional-strict',
      ],
    ],
  ]
  const DOORS = {
    mx: { args: [] },
    'submission in the clear': { args: [] },
    submission: { args: ['--tls'] },
    submissions: { args: ['--tls-on-connect'] },
  } as const
  type Door = keyof typeof DOORS
  const portOf = (door: Door): number => house.instance.ports[door === 'submission in the clear' ? 'submission' : door]

  /** The answer that ended it: to RCPT, or to what was refused before it. */
  async function asked(door: Door, to: string, more: readonly string[]): Promise<string> {
    const common = ['--server', '127.0.0.1', '--port', String(portOf(door)), '--to', to, '--quit-after', 'RCPT']
    const { out } = await start('swaks', [...common, '--helo', 'stranger.example', ...DOORS[door].args, ...more], {
      home,
    }).ended
    return swaksReplies(out).last
  }

  describe.each(Object.keys(DOORS) as Door[])('%s', (door) => {
    it('passes nothing on, in 22 variants (S-06)', async () => {
      const variants: [string, string, string[]][] = [
        ...forms(house.domain).map((to): [string, string, string[]] => [
          'a stranger',
          to,
          ['--from', 'a@stranger.example'],
        ]),
        ...identities().map(([who, args]): [string, string, string[]] => [who, `v@${FAR}`, args]),
      ]
      const answers: string[] = []
      // Two at a time: swaks is a program that starts slowly.
      for (let i = 0; i < variants.length; i += 2) {
        const both = variants
          .slice(i, i + 2)
          .map(async ([who, to, args]) => `${who}, ${to}: ${await asked(door, to, args)}`)
        answers.push(...(await Promise.all(both)))
      }
      expect(answers).toHaveLength(22)
      expect(answers.filter((answer) => !/: 5\d\d /.test(answer))).toEqual([])
    }, 60_000)
  })

  it('a PROXY line of a stranger is a word like any other (S-12)', async () => {
    for (const door of ['mx', 'submission'] as const) {
      const client = await smtpClient(house.instance.ports[door])
      expect(await client.command('PROXY TCP4 10.0.0.1 127.0.0.1 1 25')).toMatch(/^5/)
      for (const line of ['XCLIENT ADDR=10.0.0.1', 'XFORWARD ADDR=10.0.0.1'])
        expect(await client.command(line), line).toMatch(/^5/)
      client.close()
      // Version 2 is binary and ends no line: the answer is that this is none of ours, or an end.
      const binary = await smtpClient(house.instance.ports[door])
      binary.write('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\0\0\x01\x7f\0\0\x01\0\x19\0\x19')
      const replies = await repliesUntil(binary, /^221/)
      expect(replies.length).toBeGreaterThan(0)
      expect(replies.every((reply) => /^(?:5|421|221)/.test(reply))).toBe(true)
      binary.close()
    }
  })

  it('VRFY and EXPN tell the same of everybody, and HELP lists nobody', async () => {
    for (const door of ['mx', 'submission'] as const) {
      const client = await smtpClient(house.instance.ports[door])
      await client.command('EHLO stranger.example')
      for (const word of ['VRFY', 'EXPN']) {
        const [here, nowhere] = [
          await client.command(`${word} ${house.ann.email}`),
          await client.command(`${word} nobody@${house.domain}`),
        ]
        expect(here).toMatch(/^(?:252|50[02])/)
        expect(here).toBe(nowhere)
        expect(here).not.toContain(house.ann.email)
      }
      client.close()
    }
  })

  describe('who is signed in (S-07)', () => {
    /** Hands each in as Ann, to Ben: the author fields of those that came in, which no reader may take for anybody else's. */
    async function takenOf(authors: readonly string[]): Promise<string[]> {
      const { ann, ben } = house
      const client = await signedIn(house, ann)
      const taken: string[] = []
      for (const author of authors) {
        for (const line of [`MAIL FROM:<${ann.email}>`, `RCPT TO:<${ben.email}>`, 'DATA']) await client.command(line)
        client.write(`${author}\r\nSubject: who\r\n\r\nx\r\n.\r\n`)
        const reply = await client.reply()
        if (!/^5[05]\d/.test(reply)) taken.push(`${JSON.stringify(author).slice(0, 200)}: ${reply}`)
      }
      client.close()
      return taken
    }

    it('speaks in nobody’s name but his own', async () => {
      const { ann, ben } = house
      const taken = await takenOf([
        `From: ${ben.email}`,
        `From: ${ann.email}\r\nFrom: ${ben.email}`,
        `From: ${ben.email}\r\nFrom: ${ann.email}`,
        `From : ${ben.email}\r\nFrom: ${ann.email}`,
        `\0From: ${ann.email}\r\nFrom: ${ben.email}`,
        `From\0: ${ann.email}\r\nFrom: ${ben.email}`,
        `From: ${ann.email}\0, ${ben.email}`,
        `From: ${ann.email}, ${ben.email}`,
        `From: <${ann.email}> <${ben.email}>`,
        `From: ${ann.email} <${ben.email}>`,
        `From: "${ann.email}" <${ben.email}>`,
        `From: <@${house.domain}:${ben.email}>`,
        `From: <@${house.domain}:${ann.email}>`,
        `From: ${ben.email} (${ann.email})`,
        `From: =?utf-8?Q?${ben.email.replace('@', '=40')}?=`,
        `From: friends:${ben.email};`,
        `From: friends:${ann.email};`,
        `From:\r\n ${ben.email}`,
        `From:\r\n\t<${ann.email}>,\r\n <${ben.email}>`,
        `fROM: ${ben.email}`,
        `From: ${ann.email}\r\nSender: ${ben.email}`,
        `From: ${ann.email}\r\nResent-From: ${ben.email}`,
        `From: ${ann.email}\r\nResent-Sender: ${ben.email}`,
        'From: ',
        'X-Nothing: no author',
      ])
      expect(taken).toEqual([])
    }, 60_000)

    it('is not hidden from the check by a field that is longer than what is read of it', async () => {
      const { ann, ben } = house
      // In lines as long as they may be: three hundred kilobytes of comment, then of names.
      const comment = `(\r\n${` ${'x'.repeat(900)}\r\n`.repeat(340)} )`
      const names = Array.from({ length: 25 }, () => `,\r\n <${ann.email}>`).join('')
      const fields = [
        `${ann.email} ${comment},\r\n ${ben.email}`,
        `${comment} ${ann.email},\r\n ${ben.email}`,
        `${ann.email}${names},\r\n ${ben.email}`,
      ]
      expect(await takenOf(fields.map((field) => `From: ${field}`))).toEqual([])
    }, 60_000)

    it('has no second author that some readers take and others do not', async () => {
      const { ann, ben } = house
      const doubled = [
        `<${ben.email}> <${ann.email}>`,
        `${ben.email} <${ann.email}>`,
        `<${ann.email}> ${ben.email}`,
        `<${ben.email}<${ann.email}>`,
        `<${ann.email}>${ben.email}`,
        `${ben.email}\r\n <${ann.email}>`,
        ` <${ann.email}> (x) <${ann.email}>`,
      ]
      expect(await takenOf(doubled.map((author) => `From: ${author}`))).toEqual([])
    }, 60_000)
  })
})
