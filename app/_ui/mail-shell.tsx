import type { ReactNode } from 'react'
import { cx } from './cx'

export type MailShellProps = {
  /** A `FolderList`. From 1200 px the first pane; below it opens from the list's head. */
  folders: ReactNode
  /** A `MessageList`. */
  list: ReactNode
  /** A `MessageView`, or an `Empty` while nothing is open. */
  reading: ReactNode
  /** A message is open: on a phone it takes the list's place. */
  open: boolean
  /** A `ComposeSheet`, floating. */
  compose?: ReactNode
}

/** The webmail: three panes from 1200 px, two from 768, one below. Each scrolls by itself. Holds `main#main`. */
export function MailShell({ folders, list, reading, open, compose }: MailShellProps) {
  return (
    <div className={cx('mailapp', open && 'has-open')}>
      {folders}
      <main className="mail-main" id="main" tabIndex={-1}>
        {list}
        {reading}
        {compose}
      </main>
    </div>
  )
}
