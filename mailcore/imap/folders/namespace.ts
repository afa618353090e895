import { type Command, ok } from '../command'
import { DELIMITER, OTHERS } from '../mailboxes'

/** RFC 2342, RFC 9051 6.3.10. Shared folders stand below their owners; there is no namespace of nobody's. */
export const namespace: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: () => async (session) => {
    session.untagged(`NAMESPACE (("" "${DELIMITER}")) (("${OTHERS}" "${DELIMITER}")) NIL`)
    return ok('Namespaces')
  },
}
