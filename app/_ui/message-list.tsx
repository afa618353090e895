import Link from 'next/link'
import type { ReactNode } from 'react'
import { cx } from './cx'
import { FOLDERS_ID } from './folder-list'
import { Icon } from './icon'

export type MessageListProps = {
  title: string
  /** "4 unread". */
  sub?: ReactNode
  /** Order and other small controls at the right of the title. */
  acts?: ReactNode
  composeHref: string
  /** A `SearchBox`. */
  search?: ReactNode
  /** Rows of 32 px in one line instead of 44 in two. */
  compact?: boolean
  /** `MessageRow`s. */
  children?: ReactNode
  /** Instead of rows: an `Empty`. */
  empty?: ReactNode
  /** Under the rows: a `Pager`. */
  foot?: ReactNode
}

/** Second pane of the webmail: a folder's messages. */
export function MessageList({
  title,
  sub,
  acts,
  composeHref,
  search,
  compact,
  empty,
  foot,
  children,
}: MessageListProps) {
  return (
    <section className="pane" aria-labelledby="mail-list-title">
      <div className="pane-h">
        <div className="row between">
          <div className="row">
            <button type="button" className="btn s quiet sq mid-only" popoverTarget={FOLDERS_ID}>
              <Icon name="menu" />
              <span className="vh">Other folders</span>
            </button>
            <h1 id="mail-list-title" className="t16 strong cut">
              {title} {sub ? <span className="hint t13 num">{sub}</span> : null}
            </h1>
          </div>
          <div className="row">
            {acts}
            <Link className="btn s primary mid-only write" href={composeHref}>
              <Icon name="pen" />
              <span>Write</span>
            </Link>
          </div>
        </div>
        {search}
      </div>
      {empty ?? <ul className={cx('msgs', compact && 'compact')}>{children}</ul>}
      {foot ? <div className="pane-f">{foot}</div> : null}
    </section>
  )
}

export type MessageRowProps = {
  href: string
  from: string
  subject: string
  snippet?: string
  /** A `TimeText`, or a word. */
  time: ReactNode
  unread?: boolean
  flagged?: boolean
  answered?: boolean
  attachment?: boolean
  /** Messages in the conversation, shown from two. */
  count?: number
  /** It is the one being read. */
  open?: boolean
  labels?: string[]
}

/** One message or conversation: unread by weight, never by colour. */
export function MessageRow(props: MessageRowProps) {
  const { href, from, subject, snippet, time, unread, flagged, answered, attachment, count = 1, open, labels } = props
  return (
    <li className={cx(unread && 'un', open && 'open')}>
      <Link href={href} scroll={false} aria-current={open ? 'true' : undefined}>
        <span className="l1">
          <span className="from cut">
            {unread ? <span className="vh">Unread. </span> : null}
            {from}
          </span>
          {count > 1 ? <span className="cnt">{count}</span> : null}
          {answered ? <Mark name="reply" word="answered" /> : null}
          {flagged ? <Mark name="flag" word="flagged" /> : null}
          {attachment ? <Mark name="attachment" word="has an attachment" /> : null}
          <span className="when">{time}</span>
        </span>
        <span className="l2 cut">
          {labels?.map((l) => (
            <span key={l} className="badge">
              {l}
            </span>
          ))}
          <span className="subj">{subject}</span> <span className="snip">{snippet}</span>
        </span>
      </Link>
    </li>
  )
}

function Mark({ name, word }: { name: 'reply' | 'flag' | 'attachment'; word: string }) {
  return (
    <>
      <Icon name={name} size={12} />
      <span className="vh">{word}</span>
    </>
  )
}
