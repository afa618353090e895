import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SmtpClient, smtpClient } from '#tests/helpers/smtp-client'
import { until } from './programs'
import { bareLineBreaks, type House, openDemo, repliesUntil, signedIn } from './stranger'

/**
 * Whatever is no CRLF.CRLF ends no message (S-01, S-02, S-03), at every door of the running product and on its way out. Behind each such end lies a whole
 * second transaction, which must never become one.
 */

/** Ends that hold a CR or an LF alone: refused from strangers, mended for our own accounts. */
const BARE = [
  '\n.\n',
  '\n.\r',
  '\n.\r\n',
  '\r.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\n',
  '\r\n.\r',
  '\r\n\r.\r\n',
  '\r\n\n.\r\n',
  '\r\r\n.\r\r\n',
  '\r\n.\r\r\n',
  '\n\n.\n\n',
  '\r\r.\r\r',
  '\n\r.\n\r',
  '\r\n.\n\r',
  '\r\0\n.\r\n',
  '\r\n.\r\0\n',
  '\0\n.\0\n',
  '\r\n..\n',
  '\n..\r\n',
]
/** Ends that no line break is missing in, and that are no end all the same: one odd, honest message. */
const ODD = [
  '\r\n\0.\r\n',
  '\r\n.\0\r\n',
  '\r\n .\r\n',
  '\r\n. \r\n',
  '\r\n.\t\r\n',
  '\r\n..\r\n',
  '\r\n.\x1a\r\n',
  '\x85.\x85',
  '\x8d\x8a.\x8d\x8a',
  '\x0b.\x0b',
  '\x0c.\x0c',
  '\u00e2\u0080\u00a8.\u00e2\u0080\u00a8',
]

type Sort = 'bare' | 'odd'
const ENDS: { end: string; sort: Sort }[] = [
  ...BARE.map((end) => ({ end, sort: 'bare' as const })),
  ...ODD.map((end) => ({ end, sort: 'odd' as const })),
]

let house: House
let outside: Outside
let sequence = 0
/** Subjects of messages that were answered with 250, in all of the tests; a Message-ID would be one of ours after submission. */
const taken: string[] = []

/** A mail server elsewhere that keeps the bytes as they stood on the wire. */
interface Outside {
  port: number
  /** Of each session, from its first DATA on. */
  wires: Buffer[]
  close(): Promise<void>
}

async function startOutside(): Promise<Outside> {
  const wires: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.write('220 outside.example\r\n')
    let wire: Buffer | undefined
    let line = ''
    socket.on('data', (chunk: Buffer) => {
      let rest = chunk
      while (rest.length > 0) {
        if (wire) {
          wire = Buffer.concat([wire, rest])
          const end = wire.indexOf('\r\n.\r\n')
          if (end < 0) return
          rest = wire.subarray(end + 5)
          wires.push(wire.subarray(0, end + 2))
          wire = undefined
          socket.write('250 2.0.0 Taken\r\n')
          continue
        }
        const at = rest.indexOf('\n')
        line += rest.subarray(0, at < 0 ? rest.length : at).toString('latin1')
        rest = at < 0 ? Buffer.alloc(0) : rest.subarray(at + 1)
        if (at < 0) return
        const word = line.trim().slice(0, 4).toUpperCase()
        line = ''
        if (word === 'DATA') wire = Buffer.alloc(0)
        socket.write(word === 'DATA' ? '354 Go\r\n' : word === 'QUIT' ? '221 Bye\r\n' : '250 OK\r\n')
      }
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    wires,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => done())
      }),
  }
}

beforeAll(async () => {
  outside = await startOutside()
  house = await openDemo({
    LMTP_FROM: '127.0.0.1',
    MAILTIGHT_ROUTES: `outside.example=127.0.0.1:${outside.port}`,
  })
}, 240_000)
afterAll(async () => {
  await house?.stop()
  await outside?.close()
}, 60_000)

/** A message with `end` in its middle, and behind it all that a second message would need. */
function carrier(from: string, to: string, end: string): { id: string; raw: string } {
  const id = `carrier-${++sequence}`
  const hidden = `MAIL FROM:<${house.demo.domainAdmin.email}>\r\nRCPT TO:<${to}>\r\nDATA\r\nFrom: ${house.demo.domainAdmin.email}\r\nSubject: smuggled\r\nMessage-ID: <second-${sequence}@x.example>\r\n\r\nsmuggled\r\n.\r\n`
  return {
    id,
    raw: `From: ${from}\r\nSubject: ${id}\r\nMessage-ID: <${id}@stranger.example>\r\n\r\nbody${end}${hidden}`,
  }
}

/** Sends the carrier in packets as `cut` says, and gives every reply up to that of the NOOP behind it. */
async function send(
  client: SmtpClient,
  envelope: readonly string[],
  raw: string,
  cut: 'one' | 'two',
): Promise<string[]> {
  const lines = `${[...envelope, 'DATA'].join('\r\n')}\r\n`
  if (cut === 'one') client.write(`${lines}${raw}NOOP\r\n`)
  else {
    for (const line of [...envelope, 'DATA']) await client.command(line)
    const middle = raw.indexOf('MAIL FROM')
    client.write(raw.slice(0, middle))
    await new Promise((resolve) => setTimeout(resolve, 5))
    client.write(raw.slice(middle))
    client.write('NOOP\r\n')
  }
  const replies: string[] = []
  const expected = cut === 'one' ? envelope.length + 3 : 2
  while (replies.length < expected) replies.push(await client.reply())
  return replies.slice(-2)
}

/** True when nothing is left to read: the answer to a further command is the next reply. */
const inStep = async (client: SmtpClient): Promise<boolean> => /^5\d\d/.test(await client.command('VRFY nobody'))

const smuggled = (raws: readonly Buffer[]) => raws.filter((raw) => subjectOf(raw) === 'smuggled')
const subjectOf = (raw: Buffer): string => /^Subject: (.*)$/im.exec(headerOf(raw))?.[1] ?? ''
const headerOf = (raw: Buffer): string => raw.toString('latin1').split('\r\n\r\n')[0] ?? ''

describe('an end that is none (S-01)', () => {
  const doors = ['mx', 'lmtp'] as const
  it.each(doors)(
    'from strangers, at %s: refused, or one message',
    async (door) => {
      const wrong: string[] = []
      for (const { end, sort } of ENDS)
        for (const cut of ['one', 'two'] as const) {
          const client = await smtpClient(house.instance.ports[door])
          await client.command(`${door === 'lmtp' ? 'LHLO' : 'EHLO'} stranger.example`)
          const { id, raw } = carrier('a@stranger.example', house.ben.email, end)
          const envelope = ['MAIL FROM:<a@stranger.example>', `RCPT TO:<${house.ann.email}>`]
          const [answer = '', noop = ''] = await send(client, envelope, raw, cut)
          if (answer.startsWith('250')) taken.push(id)
          const right = sort === 'bare' ? /^55\d 5\.6\.11/.test(answer) : answer.startsWith('250')
          if (!right || noop !== '250 2.0.0 OK' || !(await inStep(client)))
            wrong.push(`${JSON.stringify(end)} (${cut}): ${answer} | ${noop}`)
          client.close()
        }
      expect(wrong).toEqual([])
    },
    60_000,
  )

  it('from accounts of ours: one message with whole line breaks', async () => {
    const wrong: string[] = []
    const { ann, ben } = house
    for (const cut of ['one', 'two'] as const) {
      const client = await signedIn(house, ann)
      for (const { end } of ENDS) {
        const { id, raw } = carrier(ann.email, ben.email, end)
        const [answer = '', noop = ''] = await send(
          client,
          [`MAIL FROM:<${ann.email}>`, `RCPT TO:<${ben.email}>`],
          raw,
          cut,
        )
        if (answer.startsWith('250')) taken.push(id)
        if (!/^(?:250|55\d)/.test(answer) || noop !== '250 2.0.0 OK')
          wrong.push(`${JSON.stringify(end)} (${cut}): ${answer} | ${noop}`)
      }
      if (!(await inStep(client))) wrong.push(`${cut}: out of step`)
      client.close()
    }
    expect(wrong).toEqual([])
  }, 60_000)

  it('left nothing behind: what was taken is there once and whole, and nothing else', async () => {
    const raws = [...(await house.folder(house.ann)), ...(await house.folder(house.ben))]
    expect(taken.length).toBeGreaterThan(ENDS.length)
    expect(smuggled(raws)).toEqual([])
    expect(raws.filter((raw) => bareLineBreaks(raw) > 0)).toEqual([])
    const carriers = raws.filter((raw) => subjectOf(raw).startsWith('carrier-'))
    expect(carriers.map(subjectOf).toSorted()).toEqual(taken.toSorted())
    // The second transaction arrived as what it was: text.
    expect(carriers.filter((raw) => !raw.includes('Subject: smuggled'))).toEqual([])
  }, 60_000)

  it('goes out as text too, with whole line breaks and its dots doubled (S-02)', async () => {
    const { ann } = house
    const client = await signedIn(house, ann)
    const sent: string[] = []
    for (const { end } of ENDS) {
      const to = `friend${sent.length}@outside.example`
      const { id, raw } = carrier(ann.email, to, end)
      const [answer = ''] = await send(client, [`MAIL FROM:<${ann.email}>`, `RCPT TO:<${to}>`], raw, 'one')
      expect([end, answer]).toEqual([end, expect.stringMatching(/^250/)])
      sent.push(id)
    }
    client.close()
    await until(() => outside.wires.length >= sent.length, `${sent.length} messages outside`)
    expect(outside.wires.map(subjectOf).toSorted()).toEqual(sent.toSorted())
    for (const wire of outside.wires) {
      expect(bareLineBreaks(wire)).toBe(0)
      expect(wire.toString('latin1')).toContain('Subject: smuggled')
      // RFC 5321 4.5.2: no line of the message is a dot alone on the wire.
      expect(wire.toString('latin1')).not.toMatch(/^\.(?:\r\n|[^.])/m)
    }
  }, 60_000)
})

describe('BDAT with a size that is a lie (S-03)', () => {
  const sizes = [
    '0',
    '-1',
    '2147483648',
    '4294967296',
    '99999999999',
    '18446744073709551616',
    '1e3',
    '0x10',
    '',
    'LAST',
  ]
  const payload = (to: string): string =>
    `MAIL FROM:<bdat@stranger.example>\r\nRCPT TO:<${to}>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n`

  /** Puts commands behind BDAT, and gives all replies until the end. */
  async function attempt(client: SmtpClient, before: readonly string[], bdat: string): Promise<string[]> {
    for (const line of before) await client.command(line)
    client.write(`${bdat}\r\n${payload(house.ben.email)}QUIT\r\n`)
    const late = setTimeout(() => client.close(), 3_000)
    const replies = await repliesUntil(client, /^221/)
    clearTimeout(late)
    client.close()
    return replies
  }

  it.each(['mx', 'submissions', 'lmtp'] as const)(
    'at %s is never read as commands',
    async (door) => {
      const wrong: string[] = []
      const from = door === 'submissions' ? house.ann.email : 'a@stranger.example'
      const envelope = [`MAIL FROM:<${from}>`, `RCPT TO:<${house.ann.email}>`]
      const shapes: [string, string[]][] = [
        ['in a transaction', envelope],
        ['after RSET', [...envelope, 'RSET']],
        ['before all', []],
      ]
      for (const [shape, before] of shapes)
        for (const size of sizes) {
          const client =
            door === 'submissions' ? await signedIn(house, house.ann) : await smtpClient(house.instance.ports[door])
          if (door !== 'submissions') await client.command(`${door === 'mx' ? 'EHLO' : 'LHLO'} stranger.example`)
          const replies = await attempt(client, before, `BDAT ${size} LAST`.trim())
          // One answer to BDAT, and at most the farewell: four commands lie in between.
          if (replies.length > 2 || replies.some((reply) => reply.startsWith('354')))
            wrong.push(`${shape}, ${size}: ${replies.join(' | ')}`)
        }
      expect(wrong).toEqual([])
    },
    90_000,
  )

  it('cannot be mixed with DATA', async () => {
    const client = await smtpClient(house.instance.ports.mx)
    for (const line of ['EHLO stranger.example', 'MAIL FROM:<a@stranger.example>', `RCPT TO:<${house.ann.email}>`])
      await client.command(line)
    client.write('BDAT 5\r\nhelloDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\nQUIT\r\n')
    const late = setTimeout(() => client.close(), 3_000)
    const replies = await repliesUntil(client, /^221/)
    clearTimeout(late)
    client.close()
    expect(replies.filter((reply) => reply.startsWith('354'))).toEqual([])
  })

  it('and brought nothing in', async () => {
    const raws = [...(await house.folder(house.ann)), ...(await house.folder(house.ben))]
    expect(smuggled(raws)).toEqual([])
  }, 60_000)
})
