'use client'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTRPC } from '../../../_trpc/client'
import { Button, ComposeLine, ComposeSheet, FieldError, Input, Note, Select, Textarea, useToast } from '../../../_ui'
import { useAct } from '../use-act'
import { countWords } from '../words'
import { type DraftText, splitAddresses } from './compose-draft'
import { go } from './go'

export type ComposePaneProps = {
  title: string
  draft: DraftText
  /** Called with every change, so that a closed window opens again as it was. */
  onChange: (draft: DraftText) => void
  /** After the message has gone. */
  onSent: () => void
  closeHref: string
  /** Files of a message that is passed on, which stay behind. */
  filesLeft: number
}

const FIELDS = ['to', 'cc', 'subject', 'text'] as const
const FORM = 'compose'

/** The compose window. What was typed stays until the server has taken the message. */
export function ComposePane({ title, draft, onChange, onSent, closeHref, filesLeft }: ComposePaneProps) {
  const say = useToast()
  const { busy, errors, errorAt, run } = useAct(FIELDS)
  const [text, setText] = useState(draft)
  const form = useRef<HTMLFormElement>(null)
  useFocusAtStart(form, draft.to === '')
  const trpc = useTRPC()
  const { data: own } = useQuery(trpc.dashboard.addresses.list.queryOptions())
  const secondary = own ? [...own.aliases, ...own.masked.filter((one) => !one.blocked).map((one) => one.address)] : []
  // What came to a masked address is answered from it.
  const from = text.from ?? secondary.find((address) => text.answered?.includes(address))

  function change(part: Partial<DraftText>) {
    const next = { ...text, ...part }
    setText(next)
    onChange(next)
  }

  async function send(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const { to, cc, subject, inReplyTo, references } = text
    const answer = await run((client) =>
      client.dashboard.mail.send.mutate({
        from,
        to: splitAddresses(to),
        cc: splitAddresses(cc),
        subject,
        text: text.text,
        inReplyTo,
        references,
      }),
    )
    if (!answer.ok) return
    const { delivered, queued, saved } = answer.value
    onSent()
    say(
      saved
        ? { text: sentWords(delivered, queued) }
        : {
            text: `${sentWords(delivered, queued)} The copy for your Sent folder could not be kept: do not send it again.`,
            bad: true,
          },
    )
    go(closeHref)
  }

  const addresses = own ? [own.primary, ...secondary] : []
  const general = errors.find((error) => error.field === undefined)
  return (
    <ComposeSheet
      title={title}
      closeHref={closeHref}
      footer={
        <>
          <Button type="submit" form={FORM} kind="primary" icon="send" busy={busy}>
            {busy ? 'Sending' : 'Send'}
          </Button>
          <span className="hint t13" role="status">
            {busy ? 'Sending; stay on this page.' : 'Kept in this tab until it is sent.'}
          </span>
        </>
      }
    >
      <form
        id={FORM}
        ref={form}
        onSubmit={(event) => void send(event)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit()
        }}
      >
        {general ? (
          <div className="p-4">
            <Note kind="bad" live title="It was not sent.">
              {general.text} What you wrote is still here.
            </Note>
          </div>
        ) : null}
        {addresses.length > 1 ? (
          <ComposeLine label="From" htmlFor="compose-from">
            <Select
              id="compose-from"
              name="from"
              value={from ?? addresses[0]}
              options={addresses.map((address) => ({ value: address, label: fromLabel(address, own?.masked ?? []) }))}
              onChange={(event) => change({ from: event.currentTarget.value })}
            />
          </ComposeLine>
        ) : null}
        <Line label="To" name="to" value={text.to} error={errorAt('to')} onType={(to) => change({ to })} required />
        <Line label="Copy to" name="cc" value={text.cc} error={errorAt('cc')} onType={(cc) => change({ cc })} />
        <Line
          label="Subject"
          name="subject"
          value={text.subject}
          error={errorAt('subject')}
          onType={(subject) => change({ subject })}
        />
        {filesLeft > 0 ? (
          <p className="hint t13 px-4 pt-3">
            {countWords(filesLeft, 'file stays', 'files stay')} with the original: only text is passed on.
          </p>
        ) : null}
        <Textarea
          name="text"
          aria-label="Message"
          value={text.text}
          aria-invalid={errorAt('text') ? true : undefined}
          onChange={(event) => change({ text: event.currentTarget.value })}
        />
      </form>
    </ComposeSheet>
  )
}

/** A masked address is told by what its owner made it for. */
function fromLabel(address: string, masked: readonly { address: string; label: string }[]): string {
  const label = masked.find((one) => one.address === address)?.label
  return label ? `${address} (${label})` : address
}

type LineProps = {
  label: string
  name: string
  value: string
  error?: string
  required?: boolean
  onType: (text: string) => void
}

/** A line of the head, and beside it what is wrong with it. */
function Line({ label, name, value, error, required, onType }: LineProps) {
  const id = `compose-${name}`
  return (
    <>
      <ComposeLine label={label} htmlFor={id}>
        <Input
          id={id}
          name={name}
          value={value}
          required={required}
          autoComplete="off"
          spellCheck={name === 'subject'}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-err` : undefined}
          onChange={(event) => onType(event.currentTarget.value)}
        />
      </ComposeLine>
      {error ? (
        <div className="px-4 py-2 field" role="alert">
          <FieldError id={`${id}-err`}>{error} It was not sent.</FieldError>
        </div>
      ) : null}
    </>
  )
}

/** A new message begins with its recipient, an answer above its quotation. */
function useFocusAtStart(form: { current: HTMLFormElement | null }, fresh: boolean) {
  const first = useRef(true)
  useEffect(() => {
    if (!first.current) return
    first.current = false
    const field = form.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>(
      fresh ? '[name=to]' : '[name=text]',
    )
    field?.focus()
    if (!fresh) field?.setSelectionRange(0, 0)
  }, [form, fresh])
}

function sentWords(delivered: number, queued: number): string {
  if (queued === 0) return `Sent: delivered to ${countWords(delivered, 'mailbox', 'mailboxes')} inside.`
  const outside = `on its way to ${countWords(queued, 'address', 'addresses')} outside`
  return delivered === 0
    ? `Sent: ${outside}.`
    : `Sent: delivered to ${countWords(delivered, 'mailbox', 'mailboxes')} inside, ${outside}.`
}
