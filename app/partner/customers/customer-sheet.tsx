import type { AuditView } from '#server/services/audit/view'
import type { DomainView } from '#server/services/domain/view'
import type { SendingState } from '#server/services/sending/state'
import type { TenantView } from '#server/services/tenant/view'
import { ActForm, type FieldSpec } from '../../_parts/portal/act-form'
import { AuditList } from '../../_parts/portal/audit-list'
import { Disclosure } from '../../_parts/portal/disclosure'
import { DomainCard } from '../../_parts/portal/domain-card'
import { PartyState } from '../../_parts/portal/states'
import { countWords, dayWords } from '../../_parts/subscriber/words'
import { Facts, Meter, Note, Sheet, TimeText } from '../../_ui'
import { addDomain, changeCustomer, checkDomain, removeDomain, resumeCustomer, suspendCustomer } from '../acts'
import { SendingPart } from './sending-part'

/** How many of a customer's people are in each state; no names. */
export type PeopleCounts = { active: number; suspended: number; closing: number }

const REASON: FieldSpec = {
  name: 'reason',
  label: 'Reason',
  kind: 'reason',
  required: true,
  help: 'Their domain admins read this in their audit list.',
}

export type CustomerSheetProps = {
  customer: TenantView
  region: string
  domains: readonly DomainView[]
  people: PeopleCounts
  ledger: readonly AuditView[]
  sending: SendingState
  closeHref: string
}

/** One customer: figures, domains, seats, and last the act that stops them. */
export function CustomerSheet({ customer, region, domains, people, ledger, sending, closeHref }: CustomerSheetProps) {
  const { id: tenantId, name, seats } = customer
  const values = { tenantId }
  const stopped = customer.state === 'suspended'
  return (
    <Sheet title={name} sub={region} closeHref={closeHref}>
      <div className="stack wide">
        <Facts
          items={[
            { term: 'State', value: <PartyState state={customer.state} /> },
            {
              term: 'Seats',
              value: (
                <Meter
                  value={seats.used}
                  max={seats.cap}
                  text={`${seats.used.toLocaleString('en-GB')} of ${seats.cap.toLocaleString('en-GB')}`}
                />
              ),
            },
            { term: 'Drawn from', value: seats.reserved ? 'Seats set aside for them' : 'Your free seats, one by one' },
            {
              term: 'People',
              value: `${people.active} active, ${people.suspended} suspended, ${people.closing} closing`,
            },
            { term: 'Deleted mail', value: `At most ${dayWords(customer.recoverDays)}` },
            { term: 'Customer since', value: <TimeText at={customer.createdAt} show="day" /> },
          ]}
        />
        <section className="stack near" aria-label="Domains">
          <h3 className="t14 strong">{countWords(domains.length, 'domain', 'domains')}</h3>
          {domains.map((domain) => (
            <DomainCard
              key={domain.id}
              domain={domain}
              check={checkDomain}
              remove={removeDomain}
              values={values}
              recordsHref={`/partner/domains/${customer.id}/${domain.id}`}
            />
          ))}
          <Disclosure
            title="Add a domain"
            text="With the record that proves it"
            icon="plus"
            open={domains.length === 0}
          >
            <ActForm
              id="domain"
              action={addDomain}
              values={values}
              fields={[
                { name: 'name', label: 'Domain name', required: true, maxLength: 253, placeholder: 'example.org' },
              ]}
              submit="Add this domain"
              submitKind="plain"
              refused="The domain was not added."
            />
          </Disclosure>
        </section>
        <Disclosure title="Name and seats" text="A cap below what is in use is refused" icon="users">
          <ActForm
            id="customer"
            action={changeCustomer}
            values={values}
            saved
            fields={[
              { name: 'name', label: 'Name', required: true, maxLength: 200, defaultValue: name },
              {
                name: 'seats',
                label: 'Seats',
                kind: 'number',
                min: 0,
                required: true,
                defaultValue: String(seats.cap),
                help: `${seats.used} are in use. The number you save is set aside for them.`,
              },
            ]}
            submit="Save"
            submitKind="plain"
            refused="Nothing was changed."
          />
        </Disclosure>
        <SendingPart tenantId={tenantId} state={sending} />
        <section className="stack near" aria-label="What was done here">
          <h3 className="t14 strong">What was done here</h3>
          <AuditList items={ledger} empty="Every act at this customer will be listed here." />
        </section>
        <Disclosure
          title={stopped ? 'Resume this customer' : 'Suspend this customer'}
          text={
            stopped
              ? 'Everybody can sign in and send again'
              : `Stops ${countWords(people.active, 'person', 'people')}; keeps all mail`
          }
          icon={stopped ? 'play' : 'pause'}
          open={stopped}
        >
          <ActForm
            key={customer.state}
            id="state"
            action={stopped ? resumeCustomer : suspendCustomer}
            values={values}
            fields={[REASON]}
            submit={stopped ? 'Resume them' : `Suspend ${name}`}
            submitKind={stopped ? 'plain' : 'danger'}
            refused={stopped ? 'Still suspended.' : 'Not suspended.'}
          >
            {stopped ? null : (
              <Note kind="warn">
                Nobody there can sign in or send, their admins included. Other servers are told to try later with new
                mail. Nothing is deleted, and you can resume at any time.
              </Note>
            )}
          </ActForm>
        </Disclosure>
      </div>
    </Sheet>
  )
}
