import type { AuditView } from '#server/services/audit/view'
import { formatTime, ListRow } from '../../_ui'
import { settled } from './audit-read'
import { actorOf, deedOf } from './audit-words'

/** The ledger of one thing, for a sheet: narrow, and without the lines that only say that a finished act began. */
export function AuditList({ items, empty }: { items: readonly AuditView[]; empty: string }) {
  if (items.length === 0) return <p className="hint t13">{empty}</p>
  return (
    <ul className="list card">
      {settled(items).map((item) => {
        const { name, kind } = actorOf(item)
        const when = `${kind ? `${name}, ${kind.toLowerCase()}` : name}, ${formatTime(item.at, 'short')}`
        return (
          <ListRow
            key={item.id}
            title={`${deedOf(item)}${OUTCOMES[item.outcome]}`}
            text={item.reason ? `“${item.reason}” ${when}` : when}
          />
        )
      })}
    </ul>
  )
}

/** What stands behind an act that did not simply happen. */
const OUTCOMES: Readonly<Record<AuditView['outcome'], string>> = {
  done: '',
  completed: '',
  intent: ' (begun)',
  failed: ' (failed)',
  refused: ' (refused)',
}
