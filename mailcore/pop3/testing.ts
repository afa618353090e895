/** For tests of this room: a POP3 door over memory. */
import type { Running } from '#lib/lifecycle'
import {
  keptLog,
  type TestAccount,
  type TestClient,
  type TestHouse,
  testClient,
  testHouse,
} from '#mailcore/door/testing'
import { testCertificate } from '#tests/helpers/cert'
import { startPop3 } from './index'

export interface Pop3House {
  house: TestHouse
  account: TestAccount
  log: ReturnType<typeof keptLog>
  server: Running & { ports: { clear: number; tls: number } }
  /** A client over TLS, with the greeting read. */
  connect(): Promise<TestClient>
  clear(): Promise<TestClient>
  /** A client that has signed in. */
  enter(): Promise<TestClient>
}

/** A door with one account, ann@our.test, and what stands in her INBOX. */
export async function pop3House(messages: (string | Buffer)[] = [], limits: 'bench' | 'normal' = 'bench') {
  const house = testHouse()
  const account = house.add('ann@our.test', messages)
  const log = keptLog()
  const server = await startPop3({
    bind: '127.0.0.1',
    ports: { clear: 0, tls: 0 },
    tls: await testCertificate(),
    directory: house.directory,
    stores: house.stores,
    log,
    hostname: 'pop.our.test',
    limits,
  })
  const greeted = async (port: number, tls: boolean): Promise<TestClient> => {
    const client = await testClient(port, { tls })
    await client.line()
    return client
  }
  const connect = () => greeted(server.ports.tls, true)
  const made: Pop3House = {
    house,
    account,
    log,
    server,
    connect,
    clear: () => greeted(server.ports.clear, false),
    enter: async () => {
      const client = await connect()
      await client.ask('USER ann@our.test')
      const answer = await client.ask(`PASS ${account.password}`)
      if (!answer?.startsWith('+OK')) throw new Error(`not let in: ${answer}`)
      return client
    },
  }
  return made
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
