'use client'
import { useRouter } from 'next/navigation'
import type { SessionView } from '#server/services/session/list'
import { Button, Card, CardFooter, CardHeader, ConfirmDialog, ListRow, Status, TimeText, useToast } from '../../_ui'
import { useAct } from './use-act'
import { countWords } from './words'

type Item = SessionView & { current: boolean }

/** The browsers that are signed in; each but this one can be signed out. */
export function Sessions({ items }: { items: Item[] }) {
  const others = items.filter((item) => !item.current)
  const router = useRouter()
  const say = useToast()
  const { run } = useAct()

  async function endOthers() {
    const answer = await run((client) => client.dashboard.sessions.endOthers.mutate())
    say(
      answer.ok
        ? { text: `${countWords(answer.value.ended, 'browser is', 'browsers are')} signed out.` }
        : { text: 'They were not signed out. Please try again.', bad: true },
    )
    router.refresh()
  }

  return (
    <Card id="sessions" labelledBy="sessions-title">
      <CardHeader
        id="sessions-title"
        title="Signed-in browsers"
        lead="Browser and system only. Where you sign in from is not kept, so no place is shown."
      />
      <ul className="list border-t border-line">
        {items.map((item) => (
          <SessionRow key={item.id} item={item} />
        ))}
      </ul>
      {others.length > 0 ? (
        <CardFooter>
          <span>Not sure about one of them? Sign out the others, then change your password.</span>
          <ConfirmDialog
            trigger="Sign out all others"
            triggerKind="plain"
            triggerSize="s"
            title={`Sign out ${countWords(others.length, 'other browser', 'other browsers')}?`}
            text="They are signed out at once and need your password to come back. What was typed there and not sent is lost. This browser stays."
            confirm="Sign them out"
            action={endOthers}
          />
        </CardFooter>
      ) : null}
    </Card>
  )
}

function SessionRow({ item }: { item: Item }) {
  const router = useRouter()
  const say = useToast()
  const { busy, run } = useAct()

  async function end() {
    const answer = await run((client) => client.dashboard.sessions.end.mutate({ sessionId: item.id }))
    say(
      answer.ok
        ? { text: `${item.device || 'The browser'} is signed out.` }
        : { text: 'It was not signed out. Please try again.', bad: true },
    )
    router.refresh()
  }

  return (
    <ListRow
      icon="laptop"
      title={item.device || 'A browser'}
      text={
        <>
          Signed in <TimeText at={item.createdAt} show="short" />, last seen{' '}
          <TimeText at={item.lastSeenAt} show="short" />.
        </>
      }
      side={item.current ? <Status>This browser</Status> : undefined}
      act={
        item.current ? undefined : (
          <Button size="s" busy={busy} onClick={() => void end()}>
            Sign out
          </Button>
        )
      }
    />
  )
}
