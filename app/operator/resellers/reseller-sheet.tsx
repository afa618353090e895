import type { AuditView } from '#server/services/audit/view'
import type { ResellerStatistics } from '#server/services/reseller/statistics'
import type { ResellerView } from '#server/services/reseller/view'
import type { StaffView } from '#server/services/staff/list'
import { ActForm, type FieldSpec } from '../../_parts/portal/act-form'
import { AuditList } from '../../_parts/portal/audit-list'
import { Disclosure } from '../../_parts/portal/disclosure'
import { PartyState } from '../../_parts/portal/states'
import { countWords, sizeWords } from '../../_parts/subscriber/words'
import { Facts, ListRow, Meter, Note, Sheet, TimeText } from '../../_ui'
import { addStaff, resumeReseller, suspendReseller } from '../acts'

const REASON: FieldSpec = {
  name: 'reason',
  label: 'Reason',
  kind: 'reason',
  required: true,
  help: 'Their staff read this in their audit list.',
}

export type ResellerSheetProps = {
  reseller: ResellerView
  statistics: ResellerStatistics
  staff: readonly StaffView[]
  ledger: readonly AuditView[]
  closeHref: string
}

/** One reseller: figures, who can sign in for them, and last the act that stops them. */
export function ResellerSheet({ reseller, statistics, staff, ledger, closeHref }: ResellerSheetProps) {
  const { seats, storage, domains, tenants } = statistics
  const values = { resellerId: reseller.id }
  const stopped = reseller.state === 'suspended'
  return (
    <Sheet title={reseller.name} sub={countWords(tenants, 'customer', 'customers')} closeHref={closeHref}>
      <div className="stack wide">
        <Facts
          items={[
            { term: 'State', value: <PartyState state={reseller.state} /> },
            {
              term: 'Seats in use',
              value: (
                <Meter
                  value={seats.used}
                  max={seats.cap}
                  text={`${seats.used.toLocaleString('en-GB')} of ${seats.cap.toLocaleString('en-GB')}`}
                />
              ),
            },
            { term: 'Given out', value: `${seats.claimed} claimed by customers, ${seats.free} free` },
            { term: 'Domains', value: domains.cap === null ? domains.used : `${domains.used} of ${domains.cap}` },
            { term: 'Storage', value: sizeWords(storage.usedBytes) },
            { term: 'Reseller since', value: <TimeText at={reseller.createdAt} show="day" /> },
          ]}
        />
        <section className="stack near" aria-label="Staff">
          <h3 className="t14 strong">Who can sign in for them</h3>
          {staff.length === 0 ? (
            <Note kind="warn" title="Nobody yet.">
              Until a login is made, nobody at this reseller can do anything.
            </Note>
          ) : (
            <ul className="list card">
              {staff.map(({ id, name, email, state }) => (
                <ListRow key={id} icon="user" title={name} text={email} side={<PartyState state={state} />} />
              ))}
            </ul>
          )}
          <Disclosure
            title={staff.length === 0 ? 'Make their first login' : 'Make another login'}
            text="Signs in to the partner portal"
            icon="userPlus"
            open={staff.length === 0}
          >
            <ActForm
              id="staff"
              action={addStaff}
              values={values}
              fields={[
                { name: 'email', label: 'E-mail address', kind: 'email', required: true },
                { name: 'name', label: 'Name', aside: 'optional' },
                {
                  name: 'password',
                  label: 'First password',
                  kind: 'password',
                  required: true,
                  help: 'At least 12 characters, and on no list of leaked passwords.',
                },
              ]}
              submit="Make this login"
              submitKind="plain"
              refused="The login was not made."
            />
          </Disclosure>
        </section>
        <section className="stack near" aria-label="What was done here">
          <h3 className="t14 strong">What was done here</h3>
          <AuditList items={ledger} empty="Every act on this reseller will be listed here." />
        </section>
        <Disclosure
          title={stopped ? 'Resume this reseller' : 'Suspend this reseller'}
          text={stopped ? 'They can manage their customers again' : 'Stops them and their customers; keeps all mail'}
          icon={stopped ? 'play' : 'pause'}
          open={stopped}
        >
          <ActForm
            key={reseller.state}
            id="state"
            action={stopped ? resumeReseller : suspendReseller}
            values={values}
            fields={[REASON]}
            submit={stopped ? 'Resume them' : `Suspend ${reseller.name}`}
            submitKind={stopped ? 'plain' : 'danger'}
            refused={stopped ? 'Still suspended.' : 'Not suspended.'}
          >
            {stopped ? null : (
              <Note kind="warn">
                This concerns {countWords(tenants, 'customer', 'customers')} with{' '}
                {countWords(seats.used, 'account', 'accounts')}. Nothing is deleted, and you can resume at any time.
              </Note>
            )}
          </ActForm>
        </Disclosure>
      </div>
    </Sheet>
  )
}
