import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from './testing'

let door: TestDoor
beforeAll(async () => {
  door = await startTestDoor()
})
afterAll(async () => {
  await door.stop()
})

const MESSAGE = 'From: a@b.test\r\n\r\nbody\r\n'

/** FLAGS must have named each keyword before a FETCH shows it: imaptest and careful clients check that. */
function keywordsAreKnown(known: Set<string>, answer: string): void {
  for (const [, untagged, fetched] of answer.matchAll(/^\* (?:FLAGS \(([^)]*)\)|\d+ FETCH \(.*?FLAGS \(([^)]*)\))/gm)) {
    if (untagged !== undefined) for (const flag of untagged.split(' ')) known.add(flag)
    else for (const flag of (fetched ?? '').split(' ')) if (flag !== '') expect([...known]).toContain(flag)
  }
}

describe('keywords', () => {
  it('are told by FLAGS before any FETCH shows them, whoever made them', async () => {
    const [one, two] = await Promise.all([
      LineClient.open(door.port, door.account),
      LineClient.open(door.port, door.account),
    ])
    const known = new Set<string>()
    await one.append('INBOX', MESSAGE, '(first)')
    await one.append('INBOX', MESSAGE)
    for (const client of [one, two]) keywordsAreKnown(known, await client.run('SELECT INBOX'))
    const ofTwo = new Set(known)
    const stored = await one.run('STORE 1 +FLAGS (mine)')
    expect(stored).toMatch(/^\* FLAGS \(.*mine\)\r\n\* OK \[PERMANENTFLAGS [^\r]*\r\n\* 1 FETCH/)
    keywordsAreKnown(known, stored)
    expect(await one.run('STORE 2 +FLAGS (mine)')).not.toContain('* FLAGS')
    keywordsAreKnown(ofTwo, await two.run('NOOP'))
    await two.run('STORE 2 +FLAGS.SILENT (theirs)')
    await two.append('INBOX', MESSAGE, '(came)')
    for (const command of ['NOOP', 'FETCH 1:* FLAGS', 'STORE 3 +FLAGS (again)', 'UID FETCH 1:* (FLAGS UID)'])
      keywordsAreKnown(known, await one.run(command))
    expect(known).toContain('came')
    for (const command of ['FETCH 1:* FLAGS', 'NOOP']) keywordsAreKnown(ofTwo, await two.run(command))
    one.end()
    two.end()
  })

  it('are keywords only: a system flag nobody knows is BAD, and nothing is done', async () => {
    const client = await LineClient.open(door.port, door.account)
    await client.run('SELECT INBOX')
    expect(await client.run('STORE 1 +FLAGS (\\Foo)')).toMatch(/^t\d+ BAD/)
    expect(await client.append('INBOX', MESSAGE, '(\\Foo)')).toMatch(/^t\d+ BAD/)
    client.end()
  })
})
