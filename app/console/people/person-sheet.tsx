import type { ReactNode } from 'react'
import { LIMITS } from '#lib/limits'
import type { AccountStatistics } from '#server/services/account/statistics'
import type { AccountView } from '#server/services/account/view'
import type { AuditView } from '#server/services/audit/view'
import { ActForm, type FieldSpec } from '../../_parts/portal/act-form'
import { AuditList } from '../../_parts/portal/audit-list'
import { ConfirmAct } from '../../_parts/portal/confirm-act'
import { Disclosure } from '../../_parts/portal/disclosure'
import { AccountState } from '../../_parts/portal/states'
import { countWords, dayWords, sizeWords } from '../../_parts/subscriber/words'
import { Button, DangerZone, Facts, ListRow, Meter, Note, Sheet, TextareaField, TimeText } from '../../_ui'
import { bringBack, changeName, resetPassword, resumePerson, setRole, suspendPerson, terminatePerson } from '../acts'

const REASON: FieldSpec = {
  name: 'reason',
  label: 'Reason',
  kind: 'reason',
  required: true,
  help: 'They read this on their access page.',
}

export type PersonSheetProps = {
  person: AccountView
  statistics: AccountStatistics
  ledger: readonly AuditView[]
  /** Is this the admin's own account? */
  own: boolean
  closeHref: string
}

/** One person: what they are, what may be done, and last what cannot be taken back. */
export function PersonSheet({ person, statistics, ledger, own, closeHref }: PersonSheetProps) {
  return (
    <Sheet title={person.name} sub={person.address} avatar closeHref={closeHref}>
      <div className="stack wide">
        <Details person={person} statistics={statistics} />
        {person.state === 'closing' ? <Closing person={person} /> : null}
        {own ? (
          <Note>This is your own account. Change its password under My mailbox; another admin can suspend it.</Note>
        ) : (
          <Acts person={person} />
        )}
        <Part title="Export their mail">
          <Export person={person} messages={statistics.messages} />
        </Part>
        <Part title="What was done here">
          <AuditList items={ledger} empty="Every act on this account will be listed here and on their own page." />
        </Part>
        {own || person.state === 'closing' ? null : <Terminate person={person} statistics={statistics} />}
      </div>
    </Sheet>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="stack near" aria-label={title}>
      <h3 className="t14 strong">{title}</h3>
      {children}
    </section>
  )
}

function Details({ person, statistics }: Pick<PersonSheetProps, 'person' | 'statistics'>) {
  const { usedBytes, quotaBytes, messages } = statistics
  return (
    <Facts
      items={[
        { term: 'State', value: <AccountState state={person.state} /> },
        { term: 'Role', value: person.role === 'admin' ? 'Domain admin' : 'Member' },
        {
          term: 'Storage',
          value: (
            <Meter value={usedBytes} max={quotaBytes} text={`${sizeWords(usedBytes)} of ${sizeWords(quotaBytes)}`} />
          ),
        },
        { term: 'Messages', value: messages.toLocaleString('en-GB') },
        {
          term: 'Mailbox',
          value: person.mode === 'sealed' ? 'Sealed: a new password from you would lose old mail' : 'Managed',
        },
        { term: 'Deleted mail', value: `Stays recoverable for ${dayWords(person.recoverDays)}, their own choice` },
        { term: 'Added', value: <TimeText at={person.createdAt} show="day" /> },
      ]}
    />
  )
}

function Closing({ person }: { person: AccountView }) {
  return (
    <>
      <Note kind="warn" title="This account is closing.">
        They cannot sign in.{' '}
        {person.closingUntil ? (
          <>
            On <TimeText at={person.closingUntil} show="day" /> its key is destroyed, and nobody can read its mail
            again.
          </>
        ) : null}
      </Note>
      <ActForm
        id="back"
        action={bringBack}
        values={{ accountId: person.accountId }}
        fields={[REASON]}
        submit="Bring the account back"
        submitIcon="restore"
        refused="The account was not brought back."
      />
    </>
  )
}

function Acts({ person }: { person: AccountView }) {
  const { accountId, address, state, role, mode } = person
  const values = { accountId, address }
  if (state !== 'active' && state !== 'suspended') return null
  const stopped = state === 'suspended'
  return (
    <div className="stack near">
      <Disclosure
        title={stopped ? 'Resume' : 'Suspend'}
        text={stopped ? 'Sign-in works again, nothing is lost' : 'No sign-in, no sending; all mail stays'}
        icon={stopped ? 'play' : 'pause'}
        open={stopped}
      >
        <ActForm
          key={state}
          id="state"
          action={stopped ? resumePerson : suspendPerson}
          values={values}
          fields={[REASON]}
          submit={stopped ? 'Resume this person' : 'Suspend this person'}
          submitKind={stopped ? 'plain' : 'danger'}
          refused={stopped ? 'Still suspended.' : 'Not suspended.'}
        >
          {stopped ? null : (
            <Note>
              Ends every session at once. Other servers are told to try later with new mail. Nothing is deleted, and you
              can resume at any time.
            </Note>
          )}
        </ActForm>
      </Disclosure>
      <Disclosure title="Set a new password" text="Signs them out everywhere" icon="key">
        <ActForm
          id="password"
          action={resetPassword}
          values={values}
          fields={[
            {
              name: 'password',
              label: 'New password',
              kind: 'password',
              required: true,
              help: 'At least 12 characters, and on no list of leaked passwords. Hand it over in person or by phone.',
            },
            REASON,
          ]}
          submit="Set this password"
          submitKind="plain"
          refused="The old password still holds."
        >
          {mode === 'sealed' ? (
            <Note kind="warn" title="This mailbox is sealed.">
              Only its owner’s password or recovery code opens what is in it.
            </Note>
          ) : (
            <Note>No mail is lost: keys do not depend on the password. Every session and app password ends.</Note>
          )}
        </ActForm>
      </Disclosure>
      <Disclosure title="Change the role" text={role === 'admin' ? 'Now a domain admin' : 'Now a member'} icon="shield">
        <ActForm
          key={role}
          id="role"
          action={setRole}
          values={values}
          fields={[
            {
              name: 'role',
              label: 'Role',
              kind: 'radio',
              defaultValue: role,
              options: [
                { value: 'member', label: 'Member', help: 'Has a mailbox and manages it.' },
                { value: 'admin', label: 'Domain admin', help: 'Also manages people, domains and retention here.' },
              ],
            },
            REASON,
          ]}
          submit="Save the role"
          submitKind="plain"
          refused="The role is as it was."
        />
      </Disclosure>
      <Disclosure title="Correct the name" text="As colleagues see it" icon="pen">
        <ActForm
          id="name"
          action={changeName}
          values={values}
          fields={[{ name: 'name', label: 'Name', required: true, maxLength: 200, defaultValue: person.name }, REASON]}
          submit="Save the name"
          submitKind="plain"
          saved
          refused="The name is as it was."
        />
      </Disclosure>
    </div>
  )
}

function Export({ person, messages }: { person: AccountView; messages: number }) {
  return (
    <Disclosure title="All mail as one mbox file" text={countWords(messages, 'message', 'messages')} icon="download">
      {/* A plain form: the file streams straight to disk, however large it is, and no script has to hold it. */}
      <form action="/api/export/mbox" method="post" className="stack">
        <input type="hidden" name="account" value={person.accountId} />
        <TextareaField
          id="export-reason"
          name="reason"
          label="Reason"
          rows={2}
          required
          maxLength={LIMITS.reasonBytes}
          help="They read on their access page that you exported their mail, and why."
        />
        <Note kind="warn">The file is not encrypted: whoever gets it can read this person’s mail.</Note>
        <div className="row">
          <Button type="submit" icon="download">
            Export their mail
          </Button>
        </div>
      </form>
    </Disclosure>
  )
}

function Terminate({ person, statistics }: Pick<PersonSheetProps, 'person' | 'statistics'>) {
  const messages = countWords(statistics.messages, 'message', 'messages')
  const grace = dayWords(LIMITS.terminationGraceDays)
  return (
    <DangerZone>
      <ListRow
        icon="trash"
        tone="bad"
        title="End this account"
        text={`Closes it now. After ${grace} ${messages} and the key to them are destroyed.`}
        act={
          <ConfirmAct
            trigger="End this account"
            triggerSize="s"
            title={`End the account of ${person.name}?`}
            text={`They are signed out now and cannot sign in again. For ${grace} you can bring the account back; then it is erased, and nobody can undo that.`}
            lost={[
              `${messages}, ${sizeWords(statistics.usedBytes)}, in every folder`,
              'Their backups, with the key that opens them',
              `The address, for ${LIMITS.addressQuarantineDays} days: nobody else can be given it`,
            ]}
            typeToConfirm={person.address}
            confirm="End the account"
            cancel="Keep it"
            reason="They read this. It stays in the audit list until the account is erased."
            values={{ accountId: person.accountId }}
            action={terminatePerson}
          />
        }
      />
    </DangerZone>
  )
}
