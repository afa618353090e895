import type { Door } from '../door'
import { serve } from '../refusal'
import { storeOf } from '../sessions'
import type { Handlers } from '../types'

/** STATUS (RFC 3501 6.3.10, HIGHESTMODSEQ of RFC 7162); RECENT is always 0. */
export function createStatus(door: Door): Pick<Handlers, 'onStatus'> {
  return {
    onStatus(path, session, done) {
      serve({ log: door.log, session, command: 'STATUS' }, () => storeOf(session).folder(path), {
        reply: ({ messages, uidNext, uidValidity, unseen, highestModseq }) =>
          done(null, { messages, uidNext, uidValidity, unseen, highestModseq: Number(highestModseq) }),
        refuse: (code) => done(null, code),
      })
    },
  }
}
