import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type AccountId, newId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { Input, TooLong } from '#mailcore/door/input'
import { IMAP_LIMITS } from '../limits'
import { messageBytesHeld } from './message-room'
import { readRequest } from './request'

/** A client of an account; `read` takes its next command. */
function client(account: AccountId) {
  const socket = new PassThrough()
  const input = new Input()
  input.attach(socket)
  let asked = 0
  return {
    socket,
    read: () => readRequest(input, { account, go: () => void asked++ }),
    asked: () => asked,
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('room for messages on their way in', () => {
  it('is given back when the line behind a literal is too long', async () => {
    const { socket, read } = client(newId())
    const reading = read()
    socket.write(`a APPEND INBOX {9+}\r\n123456789${'x'.repeat(IMAP_LIMITS.lineBytes + 1)}`)
    await expect(reading).rejects.toThrow(TooLong)
    expect(messageBytesHeld()).toBe(0)
  })

  it('is given back when the client goes, and by the command itself', async () => {
    const gone = client(newId())
    const reading = gone.read()
    gone.socket.write('a APPEND INBOX {9+}\r\n123')
    await turn()
    expect(messageBytesHeld()).toBe(9)
    gone.socket.end()
    expect(await reading).toEqual({ kind: 'end' })
    expect(messageBytesHeld()).toBe(0)

    const done = client(newId())
    done.socket.write('a APPEND INBOX {9+}\r\n123456789\r\n')
    const read = await done.read()
    expect(messageBytesHeld()).toBe(9)
    if (read.kind === 'request') read.request.release()
    expect(messageBytesHeld()).toBe(0)
  })

  it('is shared out: connections of one account that stall keep no other account waiting', async () => {
    const [account, other] = [newId<AccountId>(), newId<AccountId>()]
    const literal = `a APPEND INBOX {${LIMITS.messageBytes}}\r\n`
    const stalled = [client(account), client(account)]
    const waiting = stalled.map(({ socket, read }) => {
      socket.write(literal)
      return read()
    })
    await turn()
    expect(stalled.map(({ asked }) => asked())).toEqual([1, 1])

    const third = client(account)
    third.socket.write(literal)
    expect(await third.read()).toMatchObject({ kind: 'refused', code: 'LIMIT' })
    const stranger = client(other)
    stranger.socket.write(literal)
    const strangers = stranger.read()
    await turn()
    expect(stranger.asked()).toBe(1)

    for (const { socket } of [...stalled, stranger]) socket.end()
    await Promise.all([...waiting, strangers])
    expect(messageBytesHeld()).toBe(0)
  })
})
