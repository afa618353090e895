import type { Metadata } from 'next'
import Link from 'next/link'
import { Suspense } from 'react'
import { requireActor } from '#server/auth/actor'
import { LedgerTable } from '../../_parts/subscriber/ledger-table'
import { foldIntents } from '../../_parts/subscriber/ledger-words'
import { type Need, needsYou, toDo } from '../../_parts/subscriber/needs-you'
import { countWords, dayWords, retentionMeaning, sizeWords } from '../../_parts/subscriber/words'
import { callerFor } from '../../_trpc/server'
import {
  Bar,
  ButtonLink,
  Card,
  CardBody,
  CardFooter,
  CardHeader,
  Cols,
  Empty,
  Flow,
  ListCard,
  ListRow,
  PageHead,
  SkeletonRows,
  TimeText,
} from '../../_ui'

export const metadata: Metadata = { title: 'Home' }

const SOON_MS = 24 * 3_600_000
/** Enough lines to say what others did of late; four of them are shown. */
const LEDGER_READ = 50
const LEDGER_SHOWN = 4

/** The first page of a subscriber: what needs them, who acted on the account, and what they can decide. */
export default async function HomePage() {
  await requireActor('subscriber', '/dashboard')
  return (
    <>
      <PageHead
        title="Home"
        lead="What needs you, who acted on your account, and what you can decide about it."
        acts={
          <ButtonLink kind="primary" icon="pen" href="/dashboard/mail/INBOX?compose=new">
            Write a message
          </ButtonLink>
        }
      />
      <Suspense fallback={<SkeletonRows label="Loading your account" rows={9} />}>
        <Overview />
      </Suspense>
    </>
  )
}

async function readAll() {
  const { dashboard } = await callerFor()
  const [account, statistics, ledger, appPasswords, sessions, recoverable] = await Promise.all([
    dashboard.account.get(),
    dashboard.account.statistics(),
    dashboard.audit.list({ limit: LEDGER_READ }),
    dashboard.credentials.list(),
    dashboard.sessions.list(),
    dashboard.mail.recoverable({ limit: 200 }),
  ])
  return { account, statistics, ledger: foldIntents(ledger.items), appPasswords, sessions, recoverable }
}

type All = Awaited<ReturnType<typeof readAll>>

async function Overview() {
  const all = await readAll()
  const now = new Date()
  const { account, ledger, sessions, recoverable } = all
  const needs = needsYou({
    ...all,
    otherSessions: sessions.filter((session) => !session.current).length,
    goingSoon: recoverable.items.filter((mail) => mail.purgeAt.getTime() - now.getTime() < SOON_MS).length,
    now,
  })
  return (
    <Flow>
      <Needs needs={needs} />
      <Card labelledBy="ledger">
        <CardHeader
          id="ledger"
          title="Who acted on your account"
          lead="Others’ acts and your own changes. Entries appear within seconds."
          aside={<Link href="/dashboard/access">All entries</Link>}
        />
        <LedgerTable
          entries={ledger.slice(0, LEDGER_SHOWN)}
          ownId={account.accountId}
          empty="Acts on this account will stand here within seconds, each with who, what, why and when."
        />
      </Card>
      <Cols>
        <Retention all={all} />
        <Storage all={all} />
      </Cols>
      <Cols>
        <Devices all={all} />
        <Export all={all} />
      </Cols>
    </Flow>
  )
}

function Needs({ needs }: { needs: Need[] }) {
  const waiting = toDo(needs)
  const title =
    waiting > 0
      ? `${countWords(waiting, 'thing needs', 'things need')} you`
      : needs.length > 0
        ? 'Nothing is urgent'
        : 'Nothing needs you'
  return (
    <ListCard
      id="needs"
      title={title}
      lead={waiting === 0 && needs.length > 0 ? 'Good to know, when you have a moment.' : undefined}
      empty={
        needs.length === 0 ? (
          <Empty
            icon="ok"
            title="All is well"
            text="What needs you will stand here: a nearly full mailbox, an act by somebody else, mail about to go for good."
          />
        ) : undefined
      }
    >
      {needs.map(({ key, icon, tone, title: what, text, act }) => (
        <ListRow
          key={key}
          icon={icon}
          tone={tone}
          title={what}
          text={text}
          act={
            <ButtonLink size="s" href={act.href}>
              {act.label}
            </ButtonLink>
          }
        />
      ))}
    </ListCard>
  )
}

function Retention({ all: { account, recoverable } }: { all: All }) {
  const count = `${recoverable.items.length}${recoverable.next ? ' or more' : ''}`
  return (
    <Card labelledBy="retention">
      <CardHeader
        id="retention"
        title="Deleted mail"
        lead={account.recoverDays === 0 ? 'Destroyed at once' : `Recoverable for ${dayWords(account.recoverDays)}`}
        aside={<Link href="/dashboard/retention">Change</Link>}
      />
      <CardBody>
        <p className="two">{retentionMeaning(account.recoverDays)}</p>
      </CardBody>
      <CardFooter>
        <span>
          {recoverable.items.length === 0
            ? 'No deleted mail is waiting to go.'
            : `${count} deleted ${recoverable.items.length === 1 ? 'message' : 'messages'} can still be brought back.`}
        </span>
      </CardFooter>
    </Card>
  )
}

function Storage({ all: { statistics } }: { all: All }) {
  const { usedBytes, quotaBytes, messages } = statistics
  const words = quotaBytes > 0 ? `${sizeWords(usedBytes)} of ${sizeWords(quotaBytes)}` : sizeWords(usedBytes)
  const free = Math.max(0, quotaBytes - usedBytes)
  return (
    <Card labelledBy="storage">
      <CardHeader id="storage" title="Storage" lead={`${words}, encrypted under your account’s key`} />
      <CardBody>
        <Bar
          large
          label={`${words} used`}
          max={Math.max(quotaBytes, usedBytes, 1)}
          parts={[{ label: 'Mail', value: usedBytes }]}
          legend={[
            { label: countWords(messages, 'message', 'messages'), value: sizeWords(usedBytes) },
            ...(quotaBytes > 0 ? [{ label: 'Free', value: sizeWords(free), tone: 'free' as const }] : []),
          ]}
        />
      </CardBody>
    </Card>
  )
}

function Devices({ all: { sessions, appPasswords } }: { all: All }) {
  return (
    <ListCard
      id="devices"
      title="Signed in"
      lead="No places shown: nobody looks up where an address is."
      aside={<Link href="/dashboard/security">Manage</Link>}
    >
      {sessions.slice(0, 3).map((session) => (
        <ListRow
          key={session.id}
          icon="laptop"
          title={session.current ? 'This browser' : session.device || 'A browser'}
          text={session.current ? session.device : undefined}
          side={session.current ? 'Now' : <TimeText at={session.lastSeenAt} show="short" />}
        />
      ))}
      {appPasswords.slice(0, 2).map((app) => (
        <ListRow
          key={app.id}
          icon="phone"
          title={app.label || 'Mail app'}
          text="App password"
          side={app.lastUsedAt ? <TimeText at={app.lastUsedAt} show="short" /> : 'Not used yet'}
        />
      ))}
    </ListCard>
  )
}

function Export({ all: { statistics } }: { all: All }) {
  return (
    <Card labelledBy="export">
      <CardHeader
        id="export"
        title="Take your mail with you"
        lead="Free of charge, whenever you like."
        aside={<Link href="/dashboard/export">Export</Link>}
      />
      <CardBody>
        <p className="two">
          One file with {countWords(statistics.messages, 'message', 'messages')} in all folders, in the mbox form that
          every common mail program reads.
        </p>
      </CardBody>
    </Card>
  )
}
