import { type Command, ok } from '../command'

/** RFC 2971 3.3: at most 30 fields, names of 30 and values of 1,024 octets. What a client says of itself is not kept. */
export const id: Command = {
  states: ['new', 'signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    if (!cursor.maybeWord('NIL')) {
      let fields = 0
      const parts = cursor.list(() => {
        if (++fields > 60) cursor.fail('At most 30 fields')
        if (fields % 2 === 0) {
          if ((cursor.nstring() ?? '').length > 1_024) cursor.fail('The value is too long')
        } else if (cursor.string().length > 30) cursor.fail('The field is too long')
      })
      if (parts.length % 2 !== 0) cursor.fail('A value is missing')
    }
    return async (session) => {
      session.untagged('ID ("name" "MailTight")')
      return ok('Known')
    }
  },
}
