import type { RadioOption } from '../../_ui'

export type Posting = 'anyone' | 'tenant' | 'members'

export const POSTING_OPTIONS: RadioOption[] = [
  { value: 'tenant', label: 'People here', help: 'Everybody with a mailbox in your organisation.' },
  { value: 'members', label: 'Members', help: 'Only who is in it.' },
  { value: 'anyone', label: 'Anyone', help: 'The whole world, spam checks apart.' },
]

export const POSTING_WORDS: Record<Posting, string> = {
  tenant: 'People here may write to it',
  members: 'Members may write to it',
  anyone: 'Anyone may write to it',
}
