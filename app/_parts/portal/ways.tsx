import type { Way } from '#server/services/trace/list'
import { Card, CardFooter, Chips, Empty, FilterChip, Icon, Pager, SearchBox, Status, TimeText, Tools } from '../../_ui'
import { hrefOf, one, oneOf, type Query } from './query'
import { stepFacts, stepWords, wayState } from './way-words'

/** What a trace page reads from its address. */
export function waysQuery(query: Query) {
  return {
    q: one(query.q),
    direction: oneOf(query.direction, ['in', 'out'] as const),
    troubled: one(query.troubled) === 'yes' ? ('yes' as const) : undefined,
    after: one(query.after),
  }
}

type Asked = ReturnType<typeof waysQuery>

/** The same as the procedures take it. */
export const waysInput = ({ q, direction, troubled, after }: Asked) => ({
  search: q,
  direction,
  troubled: troubled === 'yes',
  after,
})

export type WaysProps = {
  path: string
  asked: Asked
  ways: readonly Way[]
  next: string | null
  /** Query to keep beside the filters. */
  keep?: Record<string, string>
  /** What can be searched for, as far as this reader sees it. */
  hint: string
}

/** The ways of messages with their filters: one line each, opened for its steps. */
export function Ways({ path, asked, ways, next, keep = {}, hint }: WaysProps) {
  const { q, direction, troubled } = asked
  const base = { ...keep, q, direction, troubled }
  const filtered = Boolean(q || direction || troubled)
  return (
    <>
      <Tools>
        <SearchBox
          label="Search the trace"
          placeholder={hint}
          defaultValue={q}
          keep={{ ...keep, ...(direction ? { direction } : {}), ...(troubled ? { troubled } : {}) }}
        />
        <Chips>
          <FilterChip
            label="Came in"
            value={direction === 'in' ? 'yes' : undefined}
            href={hrefOf(path, { ...base, direction: direction === 'in' ? undefined : 'in' })}
          />
          <FilterChip
            label="Went out"
            value={direction === 'out' ? 'yes' : undefined}
            href={hrefOf(path, { ...base, direction: direction === 'out' ? undefined : 'out' })}
          />
          <FilterChip
            label="With trouble"
            value={troubled}
            href={hrefOf(path, { ...base, troubled: troubled ? undefined : 'yes' })}
          />
        </Chips>
      </Tools>
      <Card label="Messages">
        {ways.length === 0 ? (
          <Empty
            icon="route"
            title={filtered ? 'No message fits' : 'No messages yet'}
            text={
              filtered
                ? 'Search for less, or take a filter away. The last thirty days can be searched.'
                : 'Every message that comes in or goes out is here within seconds, for thirty days.'
            }
          />
        ) : (
          <ul className="list">
            {ways.map((way) => (
              <WayRow key={way.traceId} way={way} />
            ))}
          </ul>
        )}
        {asked.after || next ? (
          <CardFooter>
            <Pager
              text=""
              words={['Newest', 'Older']}
              earlierHref={asked.after ? hrefOf(path, base) : undefined}
              laterHref={next ? hrefOf(path, { ...base, after: next }) : undefined}
            />
          </CardFooter>
        ) : null}
      </Card>
    </>
  )
}

function WayRow({ way }: { way: Way }) {
  const { steps } = way
  const first = steps[0]
  if (!first) return null
  const { state, text } = wayState(way)
  const recipients = [...new Set(steps.flatMap(({ detail }) => detail.recipients ?? []))]
  const shown = recipients.slice(0, 3).join(', ')
  return (
    <li className="block">
      <details className="way">
        <summary className="row many">
          <Status state={state}>{text}</Status>
          <span className="grow cut max-md:order-last max-md:basis-full">
            <span className="mono">{first.detail.sender || 'A mail system'}</span> to{' '}
            <span className="mono">{shown}</span>
            {recipients.length > 3 ? ` and ${recipients.length - 3} more` : ''}
          </span>
          <span className="t13 hint nowrap row near">
            <TimeText at={first.at} show="short" />
            <Icon name="down" size={12} />
          </span>
        </summary>
        <ol className="stack near mt-3">
          {steps.map((step, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps never change places
            <li key={at} className="stack tight">
              <span>
                <span className="lab">{stepWords(step)}</span>{' '}
                <span className="hint t13">
                  <TimeText at={step.at} show="full" />
                </span>
              </span>
              {stepFacts(step).map((fact) => (
                <span key={fact} className="t13 two">
                  {fact}
                </span>
              ))}
            </li>
          ))}
          {first.detail.messageId ? <li className="t13 hint mono cut">Message-ID {first.detail.messageId}</li> : null}
        </ol>
      </details>
    </li>
  )
}
