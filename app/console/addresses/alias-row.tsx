import type { AliasView } from '#server/services/address/read'
import { ConfirmAct } from '../../_parts/portal/confirm-act'
import { ListRow, TimeText } from '../../_ui'
import { removeAlias } from './acts'

export function AliasRow({ alias: { address, owner, createdAt } }: { alias: AliasView }) {
  return (
    <ListRow
      icon="at"
      title={<span className="mono cut">{address}</span>}
      text={
        <>
          To <span className="mono">{owner}</span>, since <TimeText at={createdAt} show="day" />.
        </>
      }
      act={
        <ConfirmAct
          trigger="Remove"
          triggerKind="quiet"
          triggerSize="s"
          title={`Remove ${address}?`}
          text={`Mail to it is refused from now on. Mail that has come stays with ${owner}. Nobody outside your organisation can have the address for half a year; you can give it again at once.`}
          confirm="Remove it"
          values={{ address }}
          action={removeAlias}
        />
      }
    />
  )
}
