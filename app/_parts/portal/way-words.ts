import type { SeenStep, Way } from '#server/services/trace/list'

const INTO: Record<string, string> = {
  inbox: 'Put into the mailbox',
  junk: 'Put into Junk',
  quarantine: 'Put into quarantine',
  intake: 'Handed to the owner’s filter',
  list: 'Handed to the list',
  reports: 'Handed to the reader of reports',
  srs: 'Handed back to who wrote it first',
}

/** One step of a message's way, in words. */
export function stepWords({ step, direction, detail }: SeenStep): string {
  switch (step) {
    case 'stored':
      return INTO[detail.into ?? 'inbox'] ?? 'Put into the mailbox'
    case 'queued':
      return direction === 'in' ? (INTO[detail.into ?? ''] ?? 'Queued') : 'Queued for other servers'
    case 'refused':
      return detail.outcome === 'deferred' ? 'Asked to come again later' : 'Refused'
    case 'attempt':
      return detail.code !== undefined && detail.code < 300 ? 'Taken by the other server' : 'Tried at the other server'
    case 'settled':
      return SETTLED[detail.outcome ?? ''] ?? 'Settled'
    case 'told':
      return detail.outcome === 'delayed' ? 'Told the sender that it is late' : 'Told the sender'
    case 'accepted':
      return 'Accepted'
    case 'checked':
      return 'Checked'
  }
}

const SETTLED: Record<string, string> = {
  delivered: 'Delivered',
  deferred: 'Put off',
  failed: 'Failed for good',
  expired: 'Given up after days',
}

/** What is worth knowing of a step beside its name: where, how, and what was answered. */
export function stepFacts({ detail }: SeenStep): string[] {
  const { host, peer, tls, mtaSts, dane, code, enhanced, text, retryAt } = detail
  const answer = code === undefined ? '' : [code, enhanced, text].filter(Boolean).join(' ')
  return [
    host ? `Host ${host}` : '',
    peer ? `From ${peer}` : '',
    tls ? (tls === 'TLS' ? 'Encrypted on the way' : tls) : '',
    mtaSts && mtaSts !== 'none' ? `MTA-STS ${mtaSts}` : '',
    dane && dane !== 'none' ? `DANE ${dane}` : '',
    answer,
    retryAt ? `Again at ${retryAt.slice(0, 16).replace('T', ' ')} UTC` : '',
    ...(detail.findings ?? []).map(
      ({ check, result, about, score }) =>
        `${check} ${result}${about ? ` (${about})` : ''}${score === undefined ? '' : `, ${score} points`}`,
    ),
  ].filter((fact) => fact !== '')
}

export type WayState = 'good' | 'warn' | 'bad'

/** How a message's way stands, by its last word. */
export function wayState({ steps }: Way): { state: WayState; text: string } {
  const bad = steps.find(({ step, detail }) => step === 'refused' && detail.outcome !== 'deferred')
  if (bad) return { state: 'bad', text: 'Refused' }
  const settled = steps.filter(({ step }) => step === 'settled')
  if (settled.some(({ detail }) => detail.outcome === 'failed' || detail.outcome === 'expired'))
    return { state: 'bad', text: 'Failed' }
  const last = settled.at(-1)
  if (last?.detail.outcome === 'deferred') return { state: 'warn', text: 'Waits' }
  if (last || steps.some(({ step, detail }) => step === 'attempt' && detail.code !== undefined && detail.code < 300))
    return { state: 'good', text: 'Delivered' }
  if (steps.some(({ step }) => step === 'refused')) return { state: 'warn', text: 'Put off' }
  return steps.some(({ step, direction }) => step === 'queued' && direction === 'out')
    ? { state: 'warn', text: 'On its way' }
    : { state: 'good', text: 'Delivered' }
}
