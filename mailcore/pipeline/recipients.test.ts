import { describe, expect, it } from 'vitest'
import { fakeDirectory, outage } from '#tests/helpers/fakes'
import { createRecipients } from './recipients'

describe('createRecipients', () => {
  it('asks once for all that come in one turn, each address once', async () => {
    const directory = fakeDirectory()
    directory.add('a@our.test')
    const recipients = createRecipients(directory)
    const found = await Promise.all(['a@our.test', 'b@our.test', 'a@our.test', 'c@ext.test'].map(recipients.resolve))
    expect(found.map(({ kind }) => kind)).toEqual(['mailbox', 'unknown', 'mailbox', 'remote'])
    expect(directory.batches).toEqual([3])
    await recipients.resolve('a@our.test')
    expect(directory.batches).toEqual([3, 1])
  })

  it('passes an outage to all who asked, and asks again for the next', async () => {
    const directory = fakeDirectory()
    const recipients = createRecipients(directory)
    directory.failing = outage()
    const asked = await Promise.allSettled([recipients.resolve('a@our.test'), recipients.resolve('b@our.test')])
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    directory.failing = null
    expect((await recipients.resolve('a@our.test')).kind).toBe('unknown')
  })

  it('splits what is too much for one question', async () => {
    const directory = fakeDirectory()
    const recipients = createRecipients(directory)
    await Promise.all(Array.from({ length: 450 }, (_, i) => recipients.resolve(`u${i}@our.test`)))
    expect(directory.batches).toEqual([200, 200, 50])
  })
})
