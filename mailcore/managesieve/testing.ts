/** For tests of this room: a ManageSieve door over memory, and a language of three words. */
import { keptLog, type TestClient, testClient, testHouse } from '#mailcore/door/testing'
import { testCertificate } from '#tests/helpers/cert'
import { startManageSieveWith } from './door'
import type { ScriptLanguage } from './session'

/** A script with `error` on a line is wrong there; one with `warn` is odd. */
export const language: ScriptLanguage = {
  extensions: ['fileinto', 'vacation'],
  compile: (text) => {
    const errors = text
      .split('\n')
      .flatMap((line, i) => (line.includes('error') ? [{ line: i + 1, message: 'unknown command "error"' }] : []))
    if (errors.length > 0) return { ok: false, errors }
    const script = { program: { commands: [] }, extensions: [] } as never
    return { ok: true, script, warnings: text.includes('warn') ? ['line 1: odd'] : [] }
  },
}

export type SieveHouse = Awaited<ReturnType<typeof sieveHouse>>

/** A door with one account, ann@our.test. */
export async function sieveHouse() {
  const house = testHouse()
  const account = house.add('ann@our.test')
  const log = keptLog()
  const server = await startManageSieveWith(language, {
    bind: '127.0.0.1',
    port: 0,
    tls: await testCertificate(),
    directory: house.directory,
    stores: house.stores,
    log,
    hostname: 'sieve.our.test',
    limits: 'bench',
  })
  const answer = async (client: TestClient): Promise<string> => {
    let text = ''
    for (;;) {
      const line = await client.line()
      if (line === null) return text || '(closed)'
      text += `${text ? '\n' : ''}${line}`
      if (/^(OK|NO|BYE)\b/.test(line) && !/\{[0-9]+\}$/.test(line)) return text
      const literal = /\{([0-9]+)\}$/.exec(line)
      // Enough for tests: their literals hold whole lines.
      if (literal)
        for (let left = Number(literal[1]); left > 0; ) {
          const part = (await client.line()) ?? ''
          text += `\n${part}`
          left -= part.length + 2
          if (left <= 0 && /^(OK|NO|BYE)\b/.test(line)) return text
        }
    }
  }
  const clear = async () => {
    const client = await testClient(server.port)
    await answer(client)
    return client
  }
  const secure = async () => {
    const client = await clear()
    client.write('STARTTLS\r\n')
    await answer(client)
    await client.startTls()
    await answer(client)
    return client
  }
  const ask = (client: TestClient, command: string | Buffer) => {
    client.write(typeof command === 'string' ? Buffer.from(`${command}\r\n`) : command)
    return answer(client)
  }
  const enter = async () => {
    const client = await secure()
    const plain = Buffer.from(`\0ann@our.test\0${account.password}`).toString('base64')
    const said = await ask(client, `AUTHENTICATE "PLAIN" "${plain}"`)
    if (!said.startsWith('OK')) throw new Error(`not let in: ${said}`)
    return client
  }
  return { house, account, log, server, answer, clear, secure, ask, enter }
}

/** A literal of a client. */
export const literal = (text: string): string => `{${Buffer.byteLength(text)}+}\r\n${text}`
export const base64 = (text: string): string => Buffer.from(text).toString('base64')
