import { connect, type TLSSocket } from 'node:tls'
import { silentLog } from '#lib/log'
import { testCertificate } from '#tests/helpers/cert'
import { createMemoryWorld, type MemoryWorld } from '#tests/helpers/memory-store'
import { startImap } from './index'

/** For tests: a door on loopback over accounts in memory. */
export async function startTestDoor() {
  const world: MemoryWorld = createMemoryWorld()
  const account = world.addAccount('ann@example.test', 'pass word ')
  const tls = await testCertificate()
  const { directory, stores } = world
  const door = await startImap({
    bind: '127.0.0.1',
    port: 0,
    tls,
    directory,
    stores,
    log: silentLog,
    hostname: 'mail.example.test',
  })
  return { world, account, door, port: door.port }
}

/** For tests: a client that speaks lines, one character per byte. */
export class LineClient {
  readonly socket: TLSSocket
  #seen = ''
  #wake: (() => void)[] = []
  #count = 0
  closed = false

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    this.socket.setEncoding('latin1')
    this.socket.on('data', (data: string) => {
      this.#seen += data
      this.#notify()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
      this.#notify()
    })
  }

  static async open(port: number, signIn = true): Promise<LineClient> {
    const client = new LineClient(port)
    await client.until(/^\* OK .*\r\n/)
    if (signIn) await client.run('LOGIN ann@example.test "pass word "')
    return client
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** Resolves with all up to and including the first match, or with what there is when the connection has closed. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#seen)
      if (match || this.closed) {
        const end = match ? match.index + match[0].length : this.#seen.length
        const seen = this.#seen.slice(0, end)
        this.#seen = this.#seen.slice(end)
        return seen
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** Sends a command and resolves with its whole answer, tagged line included. */
  run(command: string): Promise<string> {
    const tag = `t${++this.#count}`
    this.socket.write(`${tag} ${command}\r\n`, 'latin1')
    return this.until(new RegExp(`(^|\\n)${tag} [^\\r]*\\r\\n`))
  }

  async append(folder: string, raw: Buffer): Promise<string> {
    const tag = `t${++this.#count}`
    this.socket.write(`${tag} APPEND ${folder} {${raw.length}}\r\n`)
    await this.until(/\+ [^\r]*\r\n/)
    this.socket.write(Buffer.concat([raw, Buffer.from('\r\n')]))
    return this.until(new RegExp(`(^|\\n)${tag} [^\\r]*\\r\\n`))
  }

  end(): void {
    this.socket.destroy()
  }
}
