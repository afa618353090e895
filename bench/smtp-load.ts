import net from 'node:net'
import tls from 'node:tls'

export interface StormOptions {
  host: string
  port: number
  /** One for all sessions, or one for each in turn. */
  sender: string | readonly string[]
  recipients: readonly string[]
  /** Implicit TLS (RFC 8314), and who signs in as sender (RFC 4954 PLAIN): for submission. */
  submission?: { password: string }
  /** Messages over all recipients */
  messages: number
  /** Bytes of each message */
  size: number
  sessions: number
}

export interface StormResult {
  accepted: number
  refused: number
  seconds: number
  /** The moment of the first MAIL, as performance.now() has it: every session was open, and let in, by then. */
  begunMs: number
  /** How long each message waited for its 250 after its last byte was sent, ascending. */
  waitsMs: number[]
}

/** The wait that all but one in a hundred stay below. */
export const p99 = (result: StormResult): number => result.waitsMs[Math.floor(result.waitsMs.length * 0.99)] ?? 0

/** A message of `size` bytes of words, different in each 64th, so that compression finds about what it finds in mail. */
export function sampleMessage(size: number, sender: string, recipient: string, number: number): Buffer {
  const words =
    'the of and to in is that for was with as his her on be at by had not are but from or have an they which one you were all their there been has when who will no more if out so said what up its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many must before back through years where much your way well down should because each just those people mister how too little state good very make world still own see men work long here get both between life being under never day same another know while last might us great old year off come since against go came right used take three'.split(
      ' ',
    )
  let seed = (number * 2_654_435_761) >>> 0
  const next = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed
  }
  const head = `From: <${sender}>\r\nTo: <${recipient}>\r\nSubject: ${words[next() % words.length]} ${words[next() % words.length]} ${number}\r\nMessage-ID: <${number}.${size}@load.test>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\n`
  const lines: string[] = [head]
  let length = head.length
  while (length < size) {
    let line = ''
    while (line.length < 70) line += `${words[next() % words.length]}${next() % 7 === 0 ? next().toString(36) : ''} `
    line = `${line.trimEnd()}\r\n`
    lines.push(line)
    length += line.length
  }
  return Buffer.from(lines.join(''))
}

/** What tells this run's messages from those of another. */
const RUN = `${process.pid.toString(36)}${Date.now().toString(36)}`
let storms = 0

/** The message under a name of its own: a server that knows what it has taken keeps the same one once. */
function named(message: Buffer, number: number): Buffer {
  const at = message.indexOf('Message-ID: <') + 'Message-ID: <'.length
  return Buffer.concat([message.subarray(0, at), Buffer.from(`${RUN}.${storms}.${number}.`), message.subarray(at)])
}

/** Sends messages over `sessions` connections, each one after another (RFC 5321, no pipelining of messages), and times it from the first to the last 250. */
export async function storm(options: StormOptions): Promise<StormResult> {
  storms++
  const senders = typeof options.sender === 'string' ? [options.sender] : options.sender
  const pools = senders.map((sender) =>
    Array.from({ length: 64 }, (_, i) => sampleMessage(options.size, sender, 'someone@load.test', i)),
  )
  let left = options.messages
  let number = 0
  const result: StormResult = { accepted: 0, refused: 0, seconds: 0, begunMs: 0, waitsMs: [] }
  const senderOf = (session: number) => session % senders.length
  const clients = await Promise.all(
    Array.from({ length: options.sessions }, (_, session) => open(options, senders[senderOf(session)] ?? '')),
  )
  result.begunMs = performance.now()
  await Promise.all(
    clients.map(async (client, session) => {
      const sender = senders[senderOf(session)] ?? ''
      const pool = pools[senderOf(session)] ?? []
      while (left > 0) {
        left--
        const recipient = options.recipients[session % options.recipients.length] ?? ''
        const body = named(pool[number % pool.length] ?? Buffer.alloc(0), number++)
        const waitMs = await sendOne(client, sender, recipient, body)
        if (waitMs === null) result.refused++
        else {
          result.accepted++
          result.waitsMs.push(waitMs)
        }
      }
      client.socket.end('QUIT\r\n')
    }),
  )
  result.seconds = (performance.now() - result.begunMs) / 1000
  result.waitsMs.sort((a, b) => a - b)
  return result
}

interface Client {
  socket: net.Socket
  reply(): Promise<string>
}

async function open(options: StormOptions, sender: string): Promise<Client> {
  const { host, port, submission } = options
  const socket = submission ? tls.connect({ host, port, rejectUnauthorized: false }) : net.connect(port, host)
  socket.setNoDelay(true)
  const waiting: { done: (line: string) => void; fail: (error: Error) => void }[] = []
  const ready: string[] = []
  let text = ''
  socket.on('data', (data) => {
    text += data.toString('latin1')
    for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n')) {
      const line = text.slice(0, at)
      text = text.slice(at + 2)
      if (line[3] === '-') continue
      const first = waiting.shift()
      if (first) first.done(line)
      else ready.push(line)
    }
  })
  const end = () => {
    for (const one of waiting.splice(0)) one.fail(new Error('the server closed the connection'))
  }
  socket.on('close', end)
  socket.on('error', end)
  const reply = () => {
    const line = ready.shift()
    return line === undefined
      ? new Promise<string>((done, fail) => waiting.push({ done, fail }))
      : Promise.resolve(line)
  }
  await reply()
  socket.write('EHLO load.test\r\n')
  await reply()
  if (submission) {
    socket.write(`AUTH PLAIN ${Buffer.from(`\0${sender}\0${submission.password}`).toString('base64')}\r\n`)
    const answer = await reply()
    if (!answer.startsWith('235')) throw new Error(`the sender was not let in: ${answer.slice(0, 3)}`)
  }
  return { socket, reply }
}

const END = Buffer.from('.\r\n')

/** Milliseconds from the last byte to the 250; null when it was refused. */
async function sendOne(client: Client, sender: string, recipient: string, body: Buffer): Promise<number | null> {
  client.socket.write(`MAIL FROM:<${sender}>\r\n`)
  const mail = await client.reply()
  client.socket.write(`RCPT TO:<${recipient}>\r\n`)
  const rcpt = await client.reply()
  if (mail[0] !== '2' || rcpt[0] !== '2') {
    client.socket.write('RSET\r\n')
    await client.reply()
    return null
  }
  client.socket.write('DATA\r\n')
  await client.reply()
  client.socket.cork()
  client.socket.write(body)
  client.socket.write(END)
  client.socket.uncork()
  const sent = performance.now()
  return (await client.reply())[0] === '2' ? performance.now() - sent : null
}
