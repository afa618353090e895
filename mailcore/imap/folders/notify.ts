import { type Answer, type Command, ok, Refused } from '../command'
import { type Plan, planOf } from '../fetch/items'
import { runFetch } from '../fetch/run'
import type { Session } from '../session'
import { EVENTS, type NotifyArguments, readNotify } from './notify-arguments'
import { Overflow, Watch } from './notify-watch'

/** What each session watches, until its next NOTIFY; a session that ends, or signs out, forgets those who listen to it by itself. */
const watches = new WeakMap<Session, Watch>()

/** RFC 5465 section 3.1 */
export const notify: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const word = cursor.word()
    if (word === 'NONE') {
      return async (session) => {
        stopWatching(session)
        return ok('Nothing is told between commands')
      }
    }
    if (word !== 'SET') cursor.fail('SET or NONE was expected')
    const asked = readNotify(cursor)
    return (session) => startWatching(session, asked)
  },
}

function stopWatching(session: Session): void {
  watches.get(session)?.end()
  watches.delete(session)
  session.watch = undefined
  session.onArrival = undefined
}

async function startWatching(session: Session, asked: NotifyArguments): Promise<Answer> {
  if (asked.unknown) throw new Refused('Not all of these events can be told.', `BADEVENT (${EVENTS.join(' ')})`)
  const watch = new Watch(session, asked.groups)
  try {
    // It implies a NOOP.
    await session.sync('all', true)
    await watch.begin(asked.status)
  } catch (error) {
    watch.end()
    if (error instanceof Overflow) throw new Refused('There are too many mailboxes to watch.', 'NOTIFICATIONOVERFLOW')
    throw error
  }
  stopWatching(session)
  watches.set(session, watch)
  const { selected } = asked
  if (selected?.wants) session.watch = selected.delayed ? 'no-expunge' : 'all'
  if (selected?.plan) session.onArrival = arrivals(session, selected.plan)
  return ok('It will be told')
}

/** What was asked of new messages; with UIDONLY the UID stands in front of each answer already (RFC 9586). */
const arrivals =
  (session: Session, plan: Plan) =>
  async (uids: Uint32Array): Promise<void> => {
    const items = session.uidOnly ? plan.items.filter(({ kind }) => kind !== 'uid') : plan.items
    if (items.length > 0) await runFetch(session, planOf({ items, sees: false }), uids)
  }
