import type { MaskedView } from '#server/services/own-address/masked'
import { ActForm } from '../../../_parts/portal/act-form'
import { ConfirmAct } from '../../../_parts/portal/confirm-act'
import { CopyButton } from '../../../_parts/subscriber/copy-button'
import { Card, CardBody, CardHeader, Empty, ListRow, TimeText } from '../../../_ui'
import { dropMasked, makeMasked, nameMasked, switchMasked } from './acts'

/** Addresses to give away: one for each shop, so that each can be switched off by itself. */
export function MaskedCard({ items }: { items: readonly MaskedView[] }) {
  return (
    <Card labelledBy="masked">
      <CardHeader
        id="masked"
        title="Masked addresses"
        lead="An address that says nothing of you. Give each shop its own: you see who passed it on, and switch off just that one."
      />
      <CardBody>
        <div className="max-w-md">
          <ActForm
            id="new-masked"
            action={makeMasked}
            submit="Make an address"
            submitIcon="plus"
            refused="No address was made."
            fields={[
              {
                name: 'label',
                label: 'What it is for',
                help: 'Only you can read this: it is encrypted under your own key.',
                placeholder: 'Bookshop',
                maxLength: 200,
              },
            ]}
          />
        </div>
      </CardBody>
      {items.length === 0 ? (
        <Empty
          icon="eyeOff"
          title="No masked addresses yet"
          text="Make one the next time a form asks for your address."
        />
      ) : (
        <ul className="list border-t border-line">
          {items.map((item) => (
            <MaskedRow key={item.address} item={item} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function MaskedRow({ item: { address, label, blocked, createdAt } }: { item: MaskedView }) {
  return (
    <ListRow
      icon={blocked ? 'ban' : 'at'}
      tone={blocked ? 'bad' : undefined}
      title={
        <span className="row many near">
          <span className="mono cut">{address}</span>
          {label ? <span>{label}</span> : null}
        </span>
      }
      text={
        <>
          {blocked ? 'Switched off: mail to it is refused as if it had never been. ' : ''}Made{' '}
          <TimeText at={createdAt} show="day" />.
        </>
      }
      act={
        <>
          <CopyButton text={address} label="Copy" />
          <ActForm
            id={`switch-${address}`}
            action={switchMasked}
            fields={[]}
            values={{ address, blocked: blocked ? 'no' : 'yes' }}
            submit={blocked ? 'Switch on' : 'Switch off'}
            submitKind="plain"
            refused="Nothing was changed."
          />
          <ConfirmAct
            trigger="Label"
            triggerKind="quiet"
            triggerSize="s"
            title={`What is ${address} for?`}
            text="Only you can read the label."
            confirm="Save"
            harmless
            values={{ address }}
            action={nameMasked}
            ask={{ name: 'label', label: 'What it is for', maxLength: 200, value: label }}
          />
          <ConfirmAct
            trigger="Remove"
            triggerKind="quiet"
            triggerSize="s"
            title={`Remove ${address}?`}
            text="Mail to it is refused from now on. Nobody can have this address again while it may still be written to, you neither. Mail that has come stays. To stop mail for a while, switch it off instead."
            confirm="Remove it"
            values={{ address }}
            action={dropMasked}
          />
        </>
      }
    />
  )
}
