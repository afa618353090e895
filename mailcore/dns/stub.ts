import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { type Answer, AUTHENTIC_DATA, DNSSEC_OK, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet'
import { Fault } from '#lib/errors'

/** What a name server has answered. */
export interface StubAnswer {
  /** Records of the wanted type, wherever a chain of CNAMEs has led */
  records: Answer[]
  /** The name does not exist (NXDOMAIN); false when it has no such record only */
  absent: boolean
  /** The server vouches for the answer by DNSSEC (AD, RFC 4035 3.2.3). False unless the server's word is to be taken. */
  secure: boolean
}

export type StubQuery = (name: string, type: string) => Promise<StubAnswer>

export interface StubOptions {
  /** `1.2.3.4`, `1.2.3.4:53`, `[::1]:53` */
  servers: readonly string[]
  /** They validate, over a path that nobody can alter (RFC 4035 4.9.3) */
  validating: boolean
}

const TIMEOUT_MS = 3_000
const ROUNDS = 2
/** RFC 9715 (and the flag day of 2020): answers up to this size come unfragmented. */
const UDP_BYTES = 1_232
const TCP_BYTES = 65_535

/**
 * A stub resolver (RFC 1034 5.3.1): asks each server in turn, over UDP and, where the answer is cut short, over TCP. The random id and a socket of its own
 * for each question, connected to the server, leave a forger 32 bits to guess (RFC 5452). Throws UNAVAILABLE when no server has a usable answer;
 * SERVFAIL, which is also what a validating server says of a forged answer, is none.
 */
export function createStub({ servers, validating }: StubOptions): StubQuery {
  const addresses = servers.map(parseServer)
  return async (name, type) => {
    let last: unknown
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of addresses) {
        try {
          return read(await ask(server, name, type), type, validating)
        } catch (error) {
          last = error
        }
      }
    }
    throw new Fault('UNAVAILABLE', 'The DNS did not answer.', { internal: `dns.${type}`, cause: last })
  }
}

interface Server {
  host: string
  port: number
}

function parseServer(text: string): Server {
  if (isIPv6(text)) return { host: text, port: 53 }
  const [, host = text, port = '53'] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(text) ?? []
  return { host, port: Number(port) }
}

async function ask(server: Server, name: string, type: string): Promise<Packet> {
  const id = randomInt(65_536)
  const query = encode({
    type: 'query',
    id,
    // AD in a query asks for AD in the answer (RFC 6840 5.7).
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ type, name, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_BYTES,
        flags: DNSSEC_OK,
        extendedRcode: 0,
        ednsVersion: 0,
        options: [],
      },
    ],
  })
  const fits = (packet: Packet): boolean =>
    packet.type === 'response' &&
    packet.id === id &&
    packet.questions.length === 1 &&
    packet.questions[0]?.name.toLowerCase() === name.toLowerCase().replace(/\.$/, '') &&
    packet.questions[0]?.type === type
  const answer = await overUdp(server, query, fits)
  return answer.flag_tc ? overTcp(server, query, fits) : answer
}

/** Packets that do not fit the question are a forger's or a latecomer's: not heard. */
function overUdp(server: Server, query: Buffer, fits: (packet: Packet) => boolean): Promise<Packet> {
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4')
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer)
      socket.close()
      settle()
    }
    const timer = setTimeout(() => end(() => reject(new Error('timeout'))), TIMEOUT_MS)
    socket.once('error', (error) => end(() => reject(error)))
    socket.on('message', (message) => {
      const packet = tryDecode(message)
      if (packet && fits(packet)) end(() => resolve(packet))
    })
    socket.connect(server.port, server.host, () => socket.send(query))
  })
}

function overTcp(server: Server, query: Buffer, fits: (packet: Packet) => boolean): Promise<Packet> {
  const socket = connect({ host: server.host, port: server.port })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('timeout')), TIMEOUT_MS)
    let buffer = Buffer.alloc(0)
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new Error('closed'))
    })
    socket.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk])
      const length = buffer.length >= 2 ? buffer.readUInt16BE(0) : TCP_BYTES
      if (buffer.length < length + 2) return
      const packet = tryDecode(buffer.subarray(2, length + 2))
      if (packet && fits(packet)) resolve(packet)
      socket.destroy()
    })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    socket.write(Buffer.concat([length, query]))
  })
}

function tryDecode(message: Buffer): Packet | null {
  try {
    return decode(message)
  } catch {
    return null
  }
}

function read(packet: Packet, type: string, validating: boolean): StubAnswer {
  if (packet.rcode !== 'NOERROR' && packet.rcode !== 'NXDOMAIN') throw new Error(`rcode ${packet.rcode}`)
  const records = (packet.answers ?? []).filter((one) => one.type === type)
  return { records, absent: packet.rcode === 'NXDOMAIN', secure: validating && packet.flag_ad === true }
}
