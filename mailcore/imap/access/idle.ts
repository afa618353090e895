import { bad, type Command, ok } from '../command'

/** RFC 2177, RFC 9051 6.3.13: changes are told as they come until the client says DONE. An idle session does nothing at all by itself. */
export const idle: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: () => async (session) => {
    session.out.text('+ idling\r\n')
    await session.sync('all', true)
    session.out.rest()
    const line = await session.openly(session.door.input.readLine(1_024))
    if (line === null) {
      session.over = true
      return null
    }
    return /^done$/i.test(line.toString('latin1')) ? ok('Idle no more') : bad('DONE was expected')
  },
}
