import Link from 'next/link'
import type { ReactNode } from 'react'
import { Avatar } from './avatar'
import { cx } from './cx'
import { Icon } from './icon'

export type MessageViewProps = {
  subject: string
  labels?: ReactNode
  /** The folder one came from, on a phone. */
  backHref: string
  backLabel: string
  /** Archive, delete, a `Menu`. Buttons with an icon lose their word on a phone, so give them one of each. */
  acts?: ReactNode
  /** Reply, forward. */
  answer?: ReactNode
  /** `Message`s, oldest first. */
  children: ReactNode
}

/** Third pane: a conversation. */
export function MessageView({ subject, labels, backHref, backLabel, acts, answer, children }: MessageViewProps) {
  return (
    <article className="read">
      <div className="bar-read">
        <Link className="btn s quiet back" href={backHref}>
          <Icon name="left" />
          {backLabel}
        </Link>
        {acts}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="doc" tabIndex={0} aria-label="Conversation">
        <div className="doc-h">
          <h1 className="t20">{subject}</h1>
          {labels}
        </div>
        {children}
        {answer ? <div className="row many answer">{answer}</div> : null}
      </section>
    </article>
  )
}

/** Third pane while nothing is open. */
export function ReadingEmpty({ children }: { children: ReactNode }) {
  return <div className="read none">{children}</div>
}

export type MessageProps = {
  from: string
  /** For "You": the reader's own. */
  initials?: string
  address?: string
  /** "to you and Aoife Brennan". */
  to: ReactNode
  time: ReactNode
  /** Plain text in paragraphs, or the sandboxed frame of an HTML part. */
  children: ReactNode
  /** Above the text: remote pictures were not loaded, a warning about the sender. */
  notice?: ReactNode
  /** `Attachment`s. */
  files?: ReactNode
  /** A `Receipt`, under a message that was sent. */
  receipt?: ReactNode
  acts?: ReactNode
}

/** One message of a conversation, unfolded. */
export function Message({ from, initials, address, to, time, notice, files, receipt, acts, children }: MessageProps) {
  return (
    <article className="msg">
      <header className="row">
        <Avatar name={from} initials={initials} />
        <div className="grow">
          <div className="row">
            <span className="lab nowrap">{from}</span>
            {address ? <span className="hint t13 cut not-s">{address}</span> : null}
          </div>
          <div className="t13 hint">{to}</div>
        </div>
        <span className="t13 hint nowrap">{time}</span>
        {acts}
      </header>
      {notice ? <div className="msg-notice">{notice}</div> : null}
      <div className="text">{children}</div>
      {files ? <ul className="files">{files}</ul> : null}
      {receipt}
    </article>
  )
}

export type MessageShutProps = { href: string; from: string; snippet: string; time: ReactNode }

/** One message of a conversation, folded to a line. */
export function MessageShut({ href, from, snippet, time }: MessageShutProps) {
  return (
    <article className="msg shut">
      <Link className="row" href={href} scroll={false}>
        <span className="lab nowrap">{from}</span>
        <span className="two cut grow">{snippet}</span>
        <span className="hint nowrap">{time}</span>
      </Link>
    </article>
  )
}

/** `size` in words: "1.8 MB". */
export type AttachmentProps = { href: string; name: string; size: string }

/** A file that came with a message; downloaded, never opened in the page. */
export function Attachment({ href, name, size }: AttachmentProps) {
  return (
    <li>
      <a className="file" href={href} download={name}>
        <Icon name="file" />
        <span>
          <span className="lab">{name}</span> <span className="hint">{size}</span>
        </span>
      </a>
    </li>
  )
}

export type ReceiptProps = {
  /** The bold part: "9 headers left, 5 details stayed." */
  title: string
  /** "TLS 1.3 to 1 host." */
  text?: string
  /** What stayed here: the header, and what of it. */
  stayed: { term: string; value: string }[]
  /** The headers that left, exactly. */
  left: string
  /** How it travelled: a `DataTable` or a sentence. */
  hosts?: ReactNode
  acts?: ReactNode
  open?: boolean
}

/** The privacy receipt: one quiet line under a sent message that opens into the exact headers. */
export function Receipt({ title, text, stayed, left, hosts, acts, open }: ReceiptProps) {
  return (
    <details className="receipt" open={open}>
      <summary>
        <Icon name="shieldCheck" />
        <span className="say">
          <b>{title}</b> {text}
        </span>
        <span className="tog hint">
          Receipt <Icon name="down" size={12} />
        </span>
      </summary>
      <div className="r-body">
        <section>
          <h2>Stayed here</h2>
          <dl className="mono">
            {stayed.map((s) => (
              <div key={s.term}>
                <dt>{s.term}</dt>
                <dd>{s.value}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h2>Left, exactly as shown</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre className="mono" tabIndex={0}>
            {left}
          </pre>
        </section>
        {hosts ? (
          <section className={cx('hosts')}>
            <h2>How it travelled</h2>
            {hosts}
          </section>
        ) : null}
        {acts ? <div className="row many r-acts">{acts}</div> : null}
      </div>
    </details>
  )
}
