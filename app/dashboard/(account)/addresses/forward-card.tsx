import type { ForwardView } from '#server/services/own-address/forward'
import { ActForm, type FieldSpec } from '../../../_parts/portal/act-form'
import { Disclosure } from '../../../_parts/portal/disclosure'
import { Card, CardBody, CardHeader, Note } from '../../../_ui'
import { endForward, forwardMail } from './acts'

const PASSWORD: FieldSpec = {
  name: 'current',
  label: 'Your password',
  kind: 'password',
  autoComplete: 'current-password',
  required: true,
  help: 'Asked for because a hidden forward is the first thing a thief of a mailbox sets up.',
}

/** Where mail is sent on to, how to change it and how to end it. */
export function ForwardCard({ forward }: { forward: ForwardView | null }) {
  return (
    <Card labelledBy="forwarding">
      <CardHeader
        id="forwarding"
        title="Forwarding"
        lead="New mail that would be in your inbox is sent on. Your filter decides first, and spam is never sent on."
      />
      <CardBody>
        <div className="stack max-w-md">
          {forward ? (
            <Note kind="info" title={forward.keep ? 'Sent on, and kept here' : 'Sent on, and not kept here'}>
              <span className="mono">{forward.to.join(', ')}</span>
            </Note>
          ) : null}
          <ActForm
            key={JSON.stringify(forward)}
            id="forward"
            action={forwardMail}
            submit={forward ? 'Change the forwarding' : 'Forward my mail'}
            submitKind="plain"
            refused="Nothing was changed."
            fields={[
              {
                kind: 'lines',
                name: 'to',
                label: 'To',
                help: 'Up to five addresses, one a line. Whoever writes to you does not learn them.',
                required: true,
                maxLength: 1_700,
                defaultValue: forward?.to.join('\n') ?? '',
              },
              {
                kind: 'radio',
                name: 'keep',
                label: 'A copy here',
                defaultValue: forward && !forward.keep ? 'no' : 'yes',
                options: [
                  { value: 'yes', label: 'Keep one' },
                  { value: 'no', label: 'Keep none', help: 'If the other server loses it, it is lost.' },
                ],
              },
              PASSWORD,
            ]}
          >
            <Note kind="warn">
              What is sent on leaves this network, and is read under the rules of whoever keeps the other mailbox.
            </Note>
          </ActForm>
          {forward ? (
            <Disclosure title="End the forwarding" text="New mail stays here only" icon="no">
              <ActForm
                id="end-forward"
                action={endForward}
                submit="End it"
                submitKind="plain"
                refused="It goes on."
                fields={[PASSWORD]}
              />
            </Disclosure>
          ) : null}
        </div>
      </CardBody>
    </Card>
  )
}
