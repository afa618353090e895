'use client'
import { useState } from 'react'
import type { FolderView } from '#server/services/mail/list-folders'
import type { AttachmentView, MessageView as Mail } from '#server/services/mail/read-message'
import { refusalOf } from '../../../_trpc/client'
import {
  Attachment,
  Button,
  ButtonLink,
  Empty,
  Menu,
  Message,
  MessageView,
  Note,
  ReadingEmpty,
  Skeleton,
  TimeText,
} from '../../../_ui'
import { sizeWords } from '../words'
import { readerZone } from './list-time'
import { MessageText } from './message-text'
import { folderWords, mailHref } from './paths'
import { SentReceipt } from './sent-receipt'
import type { useMessage } from './use-mailbox'

/** The acts of the open message, bound to it. */
export interface OpenActs {
  archive: (() => void) | null
  remove: () => void
  flag: () => void
  unread: () => void
  moveTo: (path: string) => void
}

export type MessagePaneProps = {
  path: string
  uid: number | null
  label: string
  message: ReturnType<typeof useMessage>
  flagged: boolean
  folders: readonly FolderView[]
  own: string
  acts: OpenActs
}

/** Third pane: the open message, or what stands there without one. */
export function MessagePane(props: MessagePaneProps) {
  const { path, uid, label, message } = props
  if (uid === null) {
    return (
      <ReadingEmpty>
        <Empty icon="mail" title="No message open" text="Choose one from the list. Press ? for the keys." />
      </ReadingEmpty>
    )
  }
  if (message.isPending) return <Waiting />
  if (message.isError) return <Missing path={path} label={label} message={message} />
  return <Opened key={`${path} ${uid}`} {...props} uid={uid} mail={message.data} />
}

function Opened({
  path,
  uid,
  label,
  mail,
  flagged,
  folders,
  own,
  acts,
}: MessagePaneProps & { uid: number; mail: Mail }) {
  const files = mail.attachments.filter((part) => !part.inline)
  const several = [...mail.to, ...mail.cc].length > 1
  return (
    <MessageView
      subject={mail.subject || 'No subject'}
      backHref={mailHref(path)}
      backLabel={label}
      acts={<BarActs flagged={flagged} folders={folders} path={path} acts={acts} />}
      answer={
        <>
          <ButtonLink icon="reply" href={mailHref(path, uid, 'reply')} scroll={false}>
            Reply
          </ButtonLink>
          {several ? (
            <ButtonLink icon="replyAll" href={mailHref(path, uid, 'all')} scroll={false}>
              Reply all
            </ButtonLink>
          ) : null}
          <ButtonLink icon="forward" href={mailHref(path, uid, 'forward')} scroll={false}>
            Forward
          </ButtonLink>
        </>
      }
    >
      <Content
        path={path}
        uid={uid}
        mail={mail}
        own={own}
        files={files}
        folder={folders.find((one) => one.path === path)?.specialUse}
      />
    </MessageView>
  )
}

function BarActs({ flagged, folders, path, acts }: Pick<MessagePaneProps, 'flagged' | 'folders' | 'path' | 'acts'>) {
  return (
    <>
      {acts.archive ? (
        <Button size="s" kind="quiet" icon="archive" onClick={acts.archive}>
          Archive
        </Button>
      ) : null}
      <Button size="s" kind="quiet" icon="trash" onClick={acts.remove}>
        Delete
      </Button>
      <Button size="s" kind="quiet" icon="flag" aria-pressed={flagged} onClick={acts.flag}>
        {flagged ? 'Unflag' : 'Flag'}
      </Button>
      <Menu
        label="More acts for this message"
        items={[
          { label: 'Mark as unread', icon: 'mail', onPick: acts.unread },
          ...folders
            .filter((one) => one.path !== path && one.specialUse !== 'drafts' && one.specialUse !== 'sent')
            .map((one, i) => {
              const { label, icon } = folderWords(one)
              return { label: `Move to ${label}`, icon, onPick: () => acts.moveTo(one.path), gapBefore: i === 0 }
            }),
        ]}
      />
      <span className="wide-only row t13 hint push">
        <kbd>j</kbd>
        <kbd>k</kbd> next, last <kbd>?</kbd> all keys
      </span>
    </>
  )
}

function Content({
  path,
  uid,
  mail,
  own,
  files,
  folder,
}: {
  folder: FolderView['specialUse'] | undefined
  path: string
  uid: number
  mail: Mail
  own: string
  files: AttachmentView[]
}) {
  const [formatted, setFormatted] = useState(mail.text === null && mail.html !== null)
  const here = `/api/mail/${encodeURIComponent(path)}/${uid}`
  const both = mail.text !== null && mail.html !== null
  return (
    <Message
      from={mail.from ? mail.from.name || mail.from.address : 'Unknown sender'}
      address={mail.from?.name ? mail.from.address : undefined}
      to={toWords(mail, own)}
      time={<TimeText at={mail.receivedAt} show="short" zone={readerZone()} />}
      notice={
        mail.html === null ? undefined : (
          <div className="row many t13 hint">
            {formatted ? (
              <span>
                Shown as sent, closed off from the rest. Pictures from elsewhere are not loaded, so nobody learns that
                you read it.
              </span>
            ) : null}
            {both ? (
              <Button size="s" kind="quiet" icon="eye" onClick={() => setFormatted(!formatted)}>
                {formatted ? 'Show as plain text' : 'Show as sent'}
              </Button>
            ) : null}
          </div>
        )
      }
      files={
        files.length > 0
          ? files.map((file) => (
              <Attachment
                key={file.index}
                href={`${here}/attachment/${file.index}`}
                name={file.filename}
                size={sizeWords(file.size)}
              />
            ))
          : undefined
      }
      receipt={folder === 'sent' && mail.messageId ? <SentReceipt messageId={mail.messageId} /> : undefined}
    >
      {formatted ? (
        <iframe
          className="w-full h-[65dvh] rounded-8 border border-line"
          src={`${here}/html`}
          title="The message as it was sent"
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
        />
      ) : mail.text?.trim() ? (
        <MessageText text={mail.text.trimEnd()} />
      ) : (
        <p className="hint">This message has no text{files.length > 0 ? ', only files' : ''}.</p>
      )}
    </Message>
  )
}

function toWords(mail: Mail, own: string): string {
  const name = (one: { name: string; address: string }) =>
    one.address.toLowerCase() === own.toLowerCase() ? 'you' : one.name || one.address
  const list = (people: Mail['to']) => people.map(name).join(', ')
  const parts = [
    mail.to.length > 0 ? `to ${list(mail.to)}` : 'to nobody named',
    mail.cc.length > 0 ? `copy to ${list(mail.cc)}` : '',
    mail.bcc.length > 0 ? `hidden copy to ${list(mail.bcc)}` : '',
  ]
  return parts.filter(Boolean).join(', ')
}

function Waiting() {
  return (
    <div className="read" aria-busy="true">
      <span className="vh" role="status">
        Loading the message
      </span>
      <div className="bar-read" />
      <div className="doc stack" aria-hidden="true">
        <Skeleton size="long" />
        <Skeleton size="short" />
        <Skeleton size="full" />
        <Skeleton size="full" />
        <Skeleton size="mid" />
      </div>
    </div>
  )
}

function Missing({ path, label, message }: Pick<MessagePaneProps, 'path' | 'label' | 'message'>) {
  const { code, text } = refusalOf(message.error)
  const gone = code === 'NOT_FOUND'
  return (
    <div className="read">
      <div className="bar-read">
        <ButtonLink className="back" size="s" kind="quiet" icon="left" href={mailHref(path)}>
          {label}
        </ButtonLink>
      </div>
      <div className="doc">
        <Note
          kind={gone ? 'info' : 'bad'}
          title={gone ? 'This message is not here any more.' : 'This message cannot be shown now.'}
          act={
            gone ? undefined : (
              <Button size="s" onClick={() => void message.refetch()}>
                Try again
              </Button>
            )
          }
        >
          {gone ? 'It was moved or deleted, perhaps by a mail app of yours.' : `${text} Nothing was lost.`}
        </Note>
      </div>
    </div>
  )
}
