'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { FolderView } from '#server/services/mail/list-folders'
import { refusalOf } from '../../../_trpc/client'
import { Avatar, Dialog, FolderList, KeyMap, MailShell, ThemeToggle } from '../../../_ui'
import { SignOut } from '../sign-out'
import { type DraftText, draftFor, type Original } from './compose-draft'
import { ComposePane } from './compose-pane'
import { go, goByClick } from './go'
import { ListPane } from './list-pane'
import { readerZone } from './list-time'
import { MessagePane } from './message-pane'
import { plainOf } from './message-text'
import { type ComposeKind, composeKind, folderWords, mailHref, placeOf } from './paths'
import { KEYS, type MailKey, useKeys } from './use-keys'
import { type MailActs, useMailActs } from './use-mail-acts'
import { useFolders, useList, useMessage } from './use-mailbox'

export type MailAppProps = {
  own: { name: string; address: string }
  /** "15.8 of 30 GB", for the foot. */
  storage: string
  folders: FolderView[]
  /** The page of the route; it shows nothing, and sends away whoever may not be here. */
  children: ReactNode
}

const TITLES: Readonly<Record<ComposeKind, string>> = {
  new: 'New message',
  reply: 'Reply',
  all: 'Reply to all',
  forward: 'Forward',
}

/** The webmail. It stays while its address changes from folder to folder and message to message. */
export function MailApp({ own, storage, folders: initial, children }: MailAppProps) {
  const { path, uid } = placeOf(usePathname())
  const fresh = useFolders(initial)
  const folders = fresh.data ?? initial
  const composing = useSearchParams().get('compose') !== null
  useSignedOut(fresh.error, composing)
  const folder = folders.find((one) => one.path === path)
  const list = useList(path, folder)
  const message = useMessage(path, uid)
  const acts = useMailActs(path, folders)
  const line = list.lines.find((one) => one.uid === uid) ?? (message.data?.uid === uid ? message.data : undefined)
  const open = useOpenActs({ path, uid, line, lines: list.lines, acts })
  const [map, setMap] = useState(false)
  useMarkSeen(path, line, acts)
  useMailKeys({ path, uid, open, lines: list.lines, showMap: () => setMap(true) })
  const label = folder ? folderWords(folder).label : path
  return (
    <div className="contents" onClickCapture={goByClick}>
      <MailShell
        open={uid !== null}
        folders={
          <FolderList
            brand={{ href: '/dashboard' }}
            composeHref={mailHref(path, uid, 'new')}
            folders={folders.map((one) => ({
              ...folderWords(one),
              href: mailHref(one.path),
              count: one.unseen > 0 && one.specialUse !== 'trash' && one.specialUse !== 'sent' ? one.unseen : undefined,
              current: one.path === path,
            }))}
            foot={<Foot own={own} storage={storage} />}
          />
        }
        list={<ListPane folder={folder} path={path} uid={uid} list={list} away={fresh.isError} />}
        reading={
          <MessagePane
            {...{ path, uid, label, message, folders, own: own.address, acts: open }}
            flagged={line?.flagged ?? false}
          />
        }
        compose={<Compose path={path} uid={uid} own={own.address} message={message} acts={acts} />}
      />
      <Dialog open={map} onClose={() => setMap(false)} title="Keys">
        <KeyMap items={KEYS.map(({ keys, does }) => ({ keys: [...keys], does }))} />
      </Dialog>
      {children}
    </div>
  )
}

/** A session that ended elsewhere leads to the sign-in page and back, but never takes away what is being written. */
function useSignedOut(error: unknown, composing: boolean) {
  const code = error ? refusalOf(error).code : null
  useEffect(() => {
    if (code === 'UNAUTHORIZED' && !composing) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
  }, [code, composing])
}

function Foot({ own, storage }: Pick<MailAppProps, 'own' | 'storage'>) {
  return (
    <>
      <ThemeToggle />
      <SignOut />
      <a className="who" href="/dashboard">
        <Avatar name={own.name} />
        <span>
          <span className="lab cut">{own.name}</span>
          <span className="hint cut">{storage}</span>
        </span>
      </a>
    </>
  )
}

type Line = ReturnType<typeof useList>['lines'][number]

/** The acts of the open message; after one that takes it away, the next is opened, or the list. */
function useOpenActs(at: { path: string; uid: number | null; line: Line | undefined; lines: Line[]; acts: MailActs }) {
  const { path, uid, line, lines, acts } = at
  function leave() {
    const place = lines.findIndex((one) => one.uid === uid)
    const next = lines[place + 1] ?? lines[place - 1]
    go(mailHref(path, next?.uid))
  }
  const away = (act: (line: Line) => Promise<void>) => () => {
    if (!line) return
    leave()
    void act(line)
  }
  const { archive } = acts
  return {
    archive: archive !== undefined && archive !== path ? away((one) => acts.move(one, archive)) : null,
    remove: away((one) => acts.remove(one)),
    moveTo: (to: string) => away((one) => acts.move(one, to))(),
    flag: () => {
      if (line) void acts.mark([line.uid], { flagged: !line.flagged })
    },
    unread: () => {
      if (!line) return
      go(mailHref(path))
      void acts.mark([line.uid], { seen: false })
    },
  }
}

/** A message is read once it has been open; marking it unread closes it, so the two do not fight. */
function useMarkSeen(path: string, line: Line | undefined, acts: MailActs) {
  const done = useRef('')
  const { mark } = acts
  const key = line ? `${path} ${line.uid}` : ''
  useEffect(() => {
    if (done.current === key) return
    if (!line) {
      done.current = ''
      return
    }
    done.current = key
    if (!line.seen) void mark([line.uid], { seen: true })
  }, [key, line, mark])
}

function useMailKeys(at: {
  path: string
  uid: number | null
  lines: Line[]
  open: ReturnType<typeof useOpenActs>
  showMap: () => void
}) {
  const composing = useSearchParams().get('compose') !== null
  const { path, uid, lines, open, showMap } = at
  function step(by: 1 | -1) {
    const place = lines.findIndex((one) => one.uid === uid)
    const next = lines[place < 0 ? 0 : place + by]
    if (next) go(mailHref(path, next.uid))
  }
  const onOpen = (act: (() => void) | null) => {
    if (uid !== null) act?.()
  }
  useKeys((key: MailKey) => {
    if (key === 'Escape') return composing ? go(mailHref(path, uid)) : undefined
    switch (key) {
      case 'j':
        return step(1)
      case 'k':
        return step(-1)
      case 'u':
        return go(mailHref(path))
      case 'c':
        return go(mailHref(path, uid, 'new'))
      case 'r':
        return onOpen(() => go(mailHref(path, uid, 'reply')))
      case 'a':
        return onOpen(() => go(mailHref(path, uid, 'all')))
      case 'f':
        return onOpen(() => go(mailHref(path, uid, 'forward')))
      case 'e':
        return onOpen(open.archive)
      case '#':
        return onOpen(open.remove)
      case 's':
        return onOpen(open.flag)
      case 'm':
        return onOpen(open.unread)
      case '?':
        return showMap()
    }
  })
}

type ComposeProps = {
  path: string
  uid: number | null
  own: string
  message: ReturnType<typeof useMessage>
  acts: MailActs
}

/** The compose window as the address asks for it. Drafts of this tab are kept by what they answer. */
function Compose({ path, uid, own, message, acts }: ComposeProps) {
  const kind = composeKind(useSearchParams().get('compose'))
  const drafts = useRef(new Map<string, DraftText>())
  if (!kind) return null
  const mail = message.data
  if (kind !== 'new' && (uid === null || !mail)) return null
  const key = kind === 'new' ? kind : `${kind} ${path} ${uid}`
  const original: Original | null = mail ? { ...mail, plain: mail.text ?? (mail.html ? plainOf(mail.html) : '') } : null
  return (
    <ComposePane
      key={key}
      title={TITLES[kind]}
      draft={drafts.current.get(key) ?? draftFor(kind, original, own, readerZone())}
      onChange={(draft) => drafts.current.set(key, draft)}
      onSent={() => {
        drafts.current.delete(key)
        const sent = acts.pathOf('sent')
        if (sent) void acts.refresh(sent)
        if (uid !== null && (kind === 'reply' || kind === 'all')) void acts.mark([uid], { answered: true })
      }}
      closeHref={mailHref(path, uid)}
      filesLeft={kind === 'forward' && mail ? mail.attachments.length : 0}
    />
  )
}
