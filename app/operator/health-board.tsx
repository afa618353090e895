'use client'
import { useEffect, useState } from 'react'
import { Badge, Card, CardHeader, ListRow, Note, Skeleton, Status } from '../_ui'

/** What /api/health answers. */
type Health = { ok: boolean; version: string; roles: Record<string, string>; databases: Record<string, string> }

const EVERY_MS = 5_000

const ROLES: Readonly<Record<string, string>> = {
  web: 'These pages and the downloads',
  mx: 'Takes mail from other servers',
  submission: 'Takes mail that people send',
  imap: 'Serves mail programs',
  pop3: 'Serves older mail programs',
  deliver: 'Hands mail to other servers',
  worker: 'Finishes acts, keeps the retention rules',
}

/** Every role and database, asked anew every five seconds. */
export function HealthBoard() {
  const [health, setHealth] = useState<Health | 'away' | null>(null)
  useEffect(() => {
    let gone = false
    async function ask() {
      const found = await fetch('/api/health', { cache: 'no-store' })
        .then(async (answer) => (await answer.json()) as Health)
        .catch(() => 'away' as const)
      if (!gone) setHealth(found)
    }
    void ask()
    const timer = setInterval(() => void ask(), EVERY_MS)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [])
  return (
    <Card labelledBy="health">
      <CardHeader
        id="health"
        title="Health"
        lead="Each role and database, asked every five seconds."
        aside={<Summary health={health} />}
      />
      {health === 'away' ? (
        <div className="body">
          <Note kind="bad" title="The web listener does not answer.">
            Nothing is lost by that; the supervisor starts it again within seconds.
          </Note>
        </div>
      ) : (
        <ul className="list">{health === null ? <Waiting /> : <Parts health={health} />}</ul>
      )}
    </Card>
  )
}

function Summary({ health }: { health: Health | 'away' | null }) {
  if (health === null) return <Skeleton size="short" />
  if (health !== 'away' && health.ok) return <Status>All ready</Status>
  return (
    <Badge tone="bad" icon="no">
      Not all ready
    </Badge>
  )
}

const Waiting = () => (
  <>
    {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
      <li key={key}>
        <Skeleton size="mid" />
      </li>
    ))}
  </>
)

function Parts({ health }: { health: Health }) {
  const parts = [
    ...Object.entries(health.roles).map(([name, state]) => ({
      name,
      state,
      text: ROLES[name],
      icon: 'server' as const,
    })),
    ...Object.entries(health.databases).map(([name, state]) => ({
      name,
      state,
      text: 'Database',
      icon: 'database' as const,
    })),
  ]
  return parts.map(({ name, state, text, icon }) => (
    <ListRow key={`${icon} ${name}`} icon={icon} title={name} text={text} side={<PartState state={state} />} />
  ))
}

function PartState({ state }: { state: string }) {
  if (state === 'ready') return <Status>Ready</Status>
  return (
    <Badge tone={state === 'down' ? 'bad' : 'warn'} icon={state === 'down' ? 'no' : 'clock'}>
      {state}
    </Badge>
  )
}
