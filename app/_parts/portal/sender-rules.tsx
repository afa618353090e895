import type { SenderRuleView } from '#server/services/sender-rule/list'
import { Card, CardBody, CardHeader, Empty, ListRow, TimeText } from '../../_ui'
import type { FormAct } from './act'
import { ActForm } from './act-form'
import { ConfirmAct } from './confirm-act'

export type SenderRulesProps = {
  items: readonly SenderRuleView[]
  add: FormAct
  remove: FormAct
  /** For whose mail they hold, and what beats them. */
  lead: string
}

/** Senders that are let in or kept out, at one level. */
export function SenderRules({ items, add, remove, lead }: SenderRulesProps) {
  return (
    <Card labelledBy="sender-rules">
      <CardHeader id="sender-rules" title="Senders" lead={lead} />
      <CardBody>
        <div className="max-w-md">
          <ActForm
            id="sender"
            action={add}
            submit="Add sender"
            refused="No sender was added."
            fields={[
              {
                name: 'pattern',
                label: 'Sender',
                help: 'An address, a domain, .domain for everything below it, or a network such as 192.0.2.0/24.',
                placeholder: 'news@shop.example',
                required: true,
                maxLength: 320,
              },
              {
                kind: 'radio',
                name: 'action',
                label: 'What happens to their mail',
                defaultValue: 'block',
                options: [
                  { value: 'block', label: 'Block', help: 'It is refused, and the sender is told so.' },
                  {
                    value: 'allow',
                    label: 'Let in',
                    help: 'Never treated as spam. Malicious files are refused all the same.',
                  },
                ],
              },
            ]}
          />
        </div>
      </CardBody>
      {items.length === 0 ? (
        <Empty
          icon="filter"
          title="No senders listed"
          text="Who is not listed here goes through the ordinary checks."
        />
      ) : (
        <ul className="list border-t border-line">
          {items.map((rule) => (
            <RuleRow key={rule.id} rule={rule} remove={remove} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function RuleRow({ rule, remove }: { rule: SenderRuleView; remove: FormAct }) {
  const { id, pattern, action, createdAt } = rule
  const blocked = action === 'block'
  return (
    <ListRow
      icon={blocked ? 'ban' : 'check'}
      tone={blocked ? 'bad' : 'good'}
      title={<span className="mono">{pattern}</span>}
      text={
        <>
          {blocked ? 'Blocked' : 'Let in'} since <TimeText at={createdAt} show="day" />.
        </>
      }
      act={
        <ConfirmAct
          trigger="Remove"
          triggerKind="plain"
          triggerSize="s"
          title={`Remove the rule for ${pattern}?`}
          text="Their mail goes through the ordinary checks again. Mail that has come already stays where it is."
          confirm="Remove"
          values={{ ruleId: id }}
          action={remove}
          harmless
        />
      }
    />
  )
}
