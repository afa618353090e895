import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from '../testing'

let door: TestDoor
beforeAll(async () => {
  door = await startTestDoor()
})
afterAll(async () => {
  await door.stop()
})

describe('ENABLE', () => {
  it('names all that is on of what was asked, also what was on before', async () => {
    const client = await LineClient.open(door.port, door.account)
    await client.run('SELECT INBOX (CONDSTORE)')
    expect(await client.run('ENABLE CONDSTORE X-NONE CONDSTORE')).toMatch(/^\* ENABLED CONDSTORE\r\n/)
    expect(await client.run('ENABLE X-NONE')).toMatch(/^\* ENABLED\r\n/)
    client.end()
  })
})

describe('SELECT with QRESYNC', () => {
  it.each(['1:*', '*', '$', '1:5 (1:2 1)', '1:5 (* 1)', '1:5 (1:2)', '1:5 ($ $)'])(
    'refuses what RFC 7162 section 7 leaves no room for: %s',
    async (known) => {
      const client = await LineClient.open(door.port, door.account)
      await client.run('ENABLE QRESYNC')
      expect(await client.run(`SELECT INBOX (QRESYNC (1 1 ${known}))`)).toMatch(/^t\d+ BAD/)
      expect(await client.run('SELECT INBOX (QRESYNC (1 1 1:5,7 (1:2,4 2:3,9)))')).toMatch(/^t\d+ OK/m)
      client.end()
    },
  )

  it('passes over spaces at the end', async () => {
    const client = await LineClient.open(door.port, door.account)
    expect(await client.run('SELECT  INBOX ')).toMatch(/^t\d+ OK/m)
    expect(await client.run('NOOP ')).toMatch(/^t\d+ OK/m)
    expect(await client.run('FETCH 1 ')).toMatch(/^t\d+ BAD/m)
    client.end()
  })
})
