import type { SendingState } from '#server/services/sending/state'
import { ActForm } from '../../_parts/portal/act-form'
import { ConfirmAct } from '../../_parts/portal/confirm-act'
import { Disclosure } from '../../_parts/portal/disclosure'
import { countWords } from '../../_parts/subscriber/words'
import { Facts, ListCard, ListRow, Note, TimeText } from '../../_ui'
import { letSend, setSendingCap } from '../acts'

const CAUSES = {
  rate: 'It wrote to more people in a short time than a person does',
  bounces: 'Too many addresses it wrote to do not exist',
  person: 'Stopped by a person',
} as const

/** What a customer sends to other servers, what it may send, and which of its accounts a cap has stopped; no names. */
export function SendingPart({ tenantId, state }: { tenantId: string; state: SendingState }) {
  const day = state.hours.reduce((sum, { recipients }) => sum + recipients, 0)
  const bounces = state.hours.reduce((sum, hour) => sum + hour.bounces, 0)
  const { frozen, cap } = state
  return (
    <Disclosure
      title="Mail they send"
      text={
        frozen.length > 0
          ? `${countWords(frozen.length, 'account', 'accounts')} stopped`
          : `${countWords(day, 'recipient', 'recipients')} outside in a day`
      }
      icon="send"
      open={frozen.length > 0}
    >
      <Facts
        items={[
          { term: 'In the last day', value: countWords(day, 'recipient outside', 'recipients outside') },
          { term: 'Refused as unknown', value: countWords(bounces, 'recipient', 'recipients') },
        ]}
      />
      {frozen.length > 0 ? (
        <>
          <Note kind="warn">
            Mail of these accounts does not leave. Their admins have been told. Let one send only once its owner has a
            new password, or has said why it wrote so much.
          </Note>
          <ListCard id="stopped" title="Stopped">
            {frozen.map(({ accountId, cause, since }) => (
              <ListRow
                key={accountId}
                title="An account of theirs"
                text={
                  <>
                    {CAUSES[cause]}, <TimeText at={since} show="short" />
                  </>
                }
                act={
                  <ConfirmAct
                    trigger="Let it send"
                    triggerSize="s"
                    title="Let this account send again?"
                    text="Its counts begin anew. If somebody else has its password, they can send again too."
                    confirm="Let it send"
                    harmless
                    values={{ tenantId, accountId }}
                    action={letSend}
                  />
                }
              />
            ))}
          </ListCard>
        </>
      ) : null}
      <ActForm
        id="cap"
        action={setSendingCap}
        values={{ tenantId }}
        saved
        fields={[
          {
            name: 'perHour',
            label: 'Recipients outside in an hour',
            kind: 'number',
            min: 0,
            required: true,
            defaultValue: String(cap.perHour),
          },
          {
            name: 'perDay',
            label: 'In a day',
            kind: 'number',
            min: 0,
            required: true,
            defaultValue: String(cap.perDay),
            help: 'All their people together. Mail among your customers here does not count.',
          },
        ]}
        submit="Save"
        submitKind="plain"
        refused="Nothing was changed."
      />
    </Disclosure>
  )
}
