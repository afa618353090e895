import type { Metadata } from 'next'
import { SiteFrame } from '../_parts/subscriber/site-frame'
import { ButtonLink, Card, CardFooter, CardHeader, DataTable, Facts, Hero, SiteSection, Status } from '../_ui'
import { KEPT, LIMITS_SAID, type Promise_, REMOVED, type Removed } from './content'

export const metadata: Metadata = { title: { absolute: 'MailTight: private mail, with the proof attached' } }

/** The public home: what this is, what it promises now, and where that ends. It sets no cookie and asks nobody else for anything. */
export default function Home() {
  return (
    <SiteFrame>
      <Hero
        title="Private mail, with the proof attached."
        lead="MailTight stores, sends and receives mail encrypted under keys of its owner’s own organisation. Whoever touches an account leaves a line its owner can read, and deleted mail is gone when its owner said it should be."
        acts={
          <>
            <ButtonLink kind="primary" size="l" href="/sign-in">
              Sign in
            </ButtonLink>
            <ButtonLink size="l" href="#promises">
              Read what is promised
            </ButtonLink>
          </>
        }
        small="Mailboxes come from a reseller or from the organisation you belong to. Ask whoever runs your domain for one."
        aside={<WhatLeaves />}
      />
      <SiteSection
        id="promises"
        title="What is promised"
        lead="Only what this system does today. Each line names what makes it so."
      >
        <Card label="Promises">
          <DataTable caption="Promises and what keeps them" airy columns={PROMISE_COLUMNS} rows={KEPT} rowKey={keyOf} />
        </Card>
      </SiteSection>
      <SiteSection id="doors" title="Works with your mail app" lead="Every door is encrypted; there is no plain one.">
        <Card>
          <CardHeader
            title="Ways in"
            lead="Use an app password for each mail app: you can take it back without changing your own."
          />
          <div className="body">
            <Facts
              items={[
                { term: 'In the browser', value: 'Read and write mail, and decide about everything held about you' },
                { term: 'IMAP', value: 'Thunderbird, Apple Mail, mbsync and others, over TLS' },
                { term: 'Submission', value: 'Sending over TLS or STARTTLS, from your own addresses only' },
                { term: 'Export', value: 'All of your mail as one mbox file, whenever you like' },
              ]}
            />
          </div>
        </Card>
      </SiteSection>
      <SiteSection id="limits" title="What we cannot promise" lead="The limits, said before they surprise you.">
        <Card label="Limits">
          <div className="body">
            <Facts items={LIMITS_SAID} />
          </div>
        </Card>
      </SiteSection>
    </SiteFrame>
  )
}

const keyOf = ({ id }: Promise_): string => id

const PROMISE_COLUMNS = [
  {
    key: 'promise',
    header: 'Promise',
    cell: ({ statement }: Promise_) => <span className="strong">{statement}</span>,
  },
  {
    key: 'because',
    header: 'What makes it so',
    cell: ({ because }: Promise_) => because,
    phone: 'line' as const,
    phoneLabel: '',
  },
]

/** The picture of the opening: what of a message leaves, and what stays. */
function WhatLeaves() {
  return (
    <Card labelledBy="leaves">
      <CardHeader
        id="leaves"
        title="A message on its way out"
        lead="What your mail app adds about you is taken off before anything is sent."
      />
      <DataTable
        caption="Headers of a message and what becomes of them"
        columns={REMOVED_COLUMNS}
        rows={REMOVED}
        rowKey={nameOf}
      />
      <CardFooter>
        <span>What belongs to you stays as you wrote it: the text, its signature, its Message-ID.</span>
      </CardFooter>
    </Card>
  )
}

const nameOf = ({ header }: Removed): string => header

const REMOVED_COLUMNS = [
  { key: 'header', header: 'Header', cell: ({ header }: Removed) => <span className="mono t12">{header}</span> },
  { key: 'tells', header: 'Would tell', cell: ({ tells }: Removed) => tells, phone: 'line' as const, phoneLabel: '' },
  {
    key: 'state',
    header: 'Leaves',
    phone: 'side' as const,
    cell: ({ leaves }: Removed) => <Status state={leaves ? 'good' : 'off'}>{leaves ? 'Yes' : 'Stays here'}</Status>,
  },
]
