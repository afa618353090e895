import { connect, type TLSSocket } from 'node:tls'
import { silentLog } from '#lib/log'
import { createDirectory } from '#mailcore/directory/directory'
import { testCertificate } from '#tests/helpers/cert'
import { createWorld, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'
import { startImap } from './index'

export interface TestDoor {
  world: World
  tenant: TestTenant
  account: TestAccount
  /** Another account of the same tenant. */
  other: TestAccount
  port: number
  clearPort: number
  /** A second door over the same databases, as another process would have it. */
  secondDoor(): Promise<number>
  stop(): Promise<void>
}

/** For tests: a door on loopback over a fresh world with two accounts. */
export async function startTestDoor(): Promise<TestDoor> {
  const world = await createWorld()
  const house = await world.makeHouse()
  const account = await world.makeAccount(house.tenant, { address: `ann@${house.domain}` })
  const other = await world.makeAccount(house.tenant, { address: `bob@${house.domain}` })
  const tls = await testCertificate()
  const doors: { stop(): Promise<void> }[] = []
  const open = async (core: World['core']) => {
    const directory = createDirectory({ db: world.db, lookupKey: world.lookupKey, log: silentLog })
    const door = await startImap({
      bind: '127.0.0.1',
      port: 0,
      clearPort: 0,
      tls,
      directory,
      stores: core.stores,
      log: silentLog,
      hostname: 'mail.example.test',
    })
    doors.push(door)
    return door
  }
  const { port, clearPort } = await open(world.core)
  return {
    world,
    tenant: house.tenant,
    account,
    other,
    port,
    clearPort,
    secondDoor: async () => (await open(world.secondCore())).port,
    stop: async () => {
      for (const door of doors) await door.stop()
      await world.close()
    },
  }
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

  /** Connects, and signs in when an account is given. */
  static async open(port: number, account?: Pick<TestAccount, 'address' | 'password'>): Promise<LineClient> {
    const client = new LineClient(port)
    await client.until(/^\* OK .*\r\n/)
    if (account) {
      const answer = await client.run(`LOGIN ${account.address} "${account.password}"`)
      if (!/^t\d+ OK /m.test(answer)) throw new Error(`sign-in failed: ${answer}`)
    }
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

  /** APPEND with a literal that does not wait. */
  async append(folder: string, raw: Buffer | string, options = ''): Promise<string> {
    const tag = `t${++this.#count}`
    const data = Buffer.from(raw)
    this.socket.write(
      Buffer.concat([
        Buffer.from(`${tag} APPEND ${folder} ${options === '' ? '' : `${options} `}{${data.length}+}\r\n`, 'latin1'),
        data,
        Buffer.from('\r\n'),
      ]),
    )
    return this.until(new RegExp(`(^|\\n)${tag} [^\\r]*\\r\\n`))
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  end(): void {
    this.socket.destroy()
  }
}

/** The literals of an answer, in order. */
export function literalsOf(answer: string): string[] {
  const found: string[] = []
  for (let at = 0; ; ) {
    const next = /~?\{(\d+)\}\r\n/g
    next.lastIndex = at
    const match = next.exec(answer)
    if (!match) return found
    const start = match.index + match[0].length
    const end = start + Number(match[1])
    found.push(answer.slice(start, end))
    at = end
  }
}
