import Link from 'next/link'
import type { DomainView } from '#server/services/domain/view'
import { Card, CardBody, CardFooter, CardHeader, Facts, Note, TimeText } from '../../_ui'
import { CopyButton } from '../subscriber/copy-button'
import { countWords } from '../subscriber/words'
import type { FormAct } from './act'
import { ActForm } from './act-form'
import { ConfirmAct } from './confirm-act'
import { DomainState } from './states'

export type DomainCardProps = {
  domain: DomainView
  check: FormAct
  remove: FormAct
  /** More hidden values: the customer's id. */
  values?: Record<string, string>
  /** Where the records of a verified domain are. */
  recordsHref?: string
  /** Is the check the one primary act of this page? */
  primary?: boolean
}

/** One domain: its state, the record that proves it with a way to copy it, and the check. */
export function DomainCard({ domain, check, remove, values, recordsHref, primary }: DomainCardProps) {
  const { id, name, state, proof, addresses, createdAt, verifiedAt } = domain
  const sent = { ...values, domainId: id }
  const removal = (
    <ConfirmAct
      trigger="Remove"
      triggerSize="s"
      title={`Remove ${name}?`}
      text="It can be added again at any time and must then be proven again. No account is on it, so no mail is lost."
      confirm="Remove the domain"
      values={sent}
      action={remove}
    />
  )
  if (state === 'verified') {
    return (
      <Card labelledBy={`d-${id}`}>
        <CardHeader
          id={`d-${id}`}
          title={name}
          lead={
            verifiedAt ? (
              <>
                Verified on <TimeText at={verifiedAt} show="day" />. {countWords(addresses, 'address', 'addresses')}.
              </>
            ) : (
              countWords(addresses, 'address', 'addresses')
            )
          }
          aside={<DomainState state={state} />}
        />
        {addresses === 0 || recordsHref ? (
          <CardFooter>
            {recordsHref ? (
              <Link className="link" href={recordsHref}>
                DNS records of {name}
              </Link>
            ) : null}
            {addresses === 0 ? removal : null}
          </CardFooter>
        ) : null}
      </Card>
    )
  }
  return (
    <Card labelledBy={`d-${id}`}>
      <CardHeader
        id={`d-${id}`}
        title={name}
        lead={
          <>
            Added on <TimeText at={createdAt} show="day" />. Until it is proven, no address can be made on it.
          </>
        }
        aside={<DomainState state={state} />}
      />
      <CardBody>
        <p className="prose">Set this record where the DNS of {name} is kept. It shows that the domain is yours.</p>
        <Facts
          items={[
            { term: 'Type', value: 'TXT', mono: true },
            { term: 'Name', value: proof.name, mono: true },
            { term: 'Text', value: proof.text, mono: true },
          ]}
        />
        <div className="row many">
          <CopyButton text={proof.name} label="Copy the name" />
          <CopyButton text={proof.text} label="Copy the text" />
        </div>
        <ActForm
          id={`check-${id}`}
          action={check}
          values={sent}
          fields={[]}
          submit="Check now"
          submitKind={primary ? 'primary' : 'plain'}
          submitIcon="refresh"
          refused="Not verified yet. Nothing was changed."
        />
        <Note>
          A new record can take up to an hour to be seen, the life span that your DNS host gives it. It may go once the
          domain is verified.
        </Note>
      </CardBody>
      <CardFooter>{removal}</CardFooter>
    </Card>
  )
}
