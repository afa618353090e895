import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Input, TooLong } from '#mailcore/door/input'
import { receive } from './read-command'

const LIMITS = { lineBytes: 200, literalBytes: 50, skipBytes: 100 }
const read = async (text: string) => {
  const socket = new PassThrough()
  const input = new Input()
  input.attach(socket)
  socket.end(Buffer.from(text, 'latin1'))
  const received = await receive(input, LIMITS)
  const rest = (await input.readBytes(input.pending))?.toString('latin1')
  if (received?.kind !== 'words') return { received, rest }
  const args = received.args.map((arg) => (arg.kind === 'string' ? arg.bytes.toString('latin1') : arg.value))
  return { name: received.name, args, rest }
}

describe('a command', () => {
  it('has quoted strings, literals and numbers', async () => {
    expect(await read('noop\r\nX')).toEqual({ name: 'NOOP', args: [], rest: 'X' })
    expect(await read('PUTSCRIPT "a \\"b\\" \\\\" {5+}\r\na\r\n{1\r\nX')).toEqual({
      name: 'PUTSCRIPT',
      args: ['a "b" \\', 'a\r\n{1'],
      rest: 'X',
    })
    expect(await read('PUTSCRIPT {1+}\r\na {0+}\r\n\r\n')).toMatchObject({ name: 'PUTSCRIPT', args: ['a', ''] })
    expect(await read('HAVESPACE "x" 4294967295\r\n')).toMatchObject({ args: ['x', 4294967295] })
    expect(await read('"token"\r\n')).toMatchObject({ name: '', args: ['token'] })
    expect(await read('{3+}\r\nabc\r\n')).toMatchObject({ name: '', args: ['abc'] })
  })

  it('is bad in any other form, and read to its end all the same', async () => {
    for (const text of [
      '',
      'NOOP"x"',
      'NOOP x',
      'NOOP "x',
      'NOOP "x\\n"',
      'NOOP "a\0b"',
      'NOOP "a"b"',
      'NOOP 4294967296',
      'NOOP 1x',
      '1 2 3 x',
      'NO-OP',
      'x{3+}\r\nNOO',
      'NOOP atom {3+}\r\nNOO',
      'NOOP "open {3+}\r\nNOO',
      'NOOP {3+}\r\nNOO"x"',
    ]) {
      const { received, name, rest } = { received: undefined, name: undefined, ...(await read(`${text}\r\nNEXT`)) }
      expect([text, received?.kind ?? name]).toEqual([text, text === '' ? '' : 'bad'])
      expect(rest).toBe('NEXT')
    }
  })

  it('with a literal beyond the limit is read and forgotten, or ends the connection', async () => {
    expect(await read(`A {51+}\r\n${'x'.repeat(51)} {20+}\r\n${'y'.repeat(20)}\r\nNEXT`)).toEqual({
      received: { kind: 'too-large' },
      rest: 'NEXT',
    })
    for (const text of [
      'A {101+}\r\n',
      'A {99999999999999999999+}\r\n',
      'A {5}\r\n',
      `A ${'x'.repeat(300)}`,
      `A${' {1+}\r\nx'.repeat(5)}\r\n`,
    ])
      await expect(read(text)).rejects.toBeInstanceOf(TooLong)
  })

  it('is none when the client goes in the middle', async () => {
    for (const text of ['NOOP', 'A {5+}\r\nabc', 'A {5+}\r\nabcde', 'A {60+}\r\nabc']) {
      expect((await read(text)).received).toBeNull()
    }
  })
})
