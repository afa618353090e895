import { bad, type Command } from '../command'

/** RFC 9051 6.2.1. What came in the clear behind it is forgotten with the old stream (S-04). */
export const starttls: Command = {
  states: ['new'],
  tells: 'nothing',
  parse: () => async (session) => {
    if (session.door.secure) return bad('TLS is on already')
    session.out.text(`${session.tag} OK Begin TLS now\r\n`)
    try {
      await session.imap.startTls(session.door)
    } catch {
      session.over = true
    }
    return null
  },
}
