import type { Leased, Receipts, Trace, TraceDetail, TraceStep } from '#mailcore/ports'
import type { TlsState } from './client/tls'
import type { Prepared } from './prepare'
import type { RouteHost } from './route'

interface Recorders {
  trace?: Trace
  receipts?: Receipts
  now: () => Date
}

/** Notes one step of a message's way out, for the recipients it is about. */
export function noteStep(
  some: readonly Leased[],
  step: TraceStep['step'],
  detail: TraceDetail,
  { trace, now }: Recorders,
): void {
  const [first] = some
  if (!first?.traceId || !trace) return
  const { tenantId, region, traceId, accountId, origin } = first
  trace.note({
    tenantId,
    region,
    traceId,
    // A list's mail is nobody's own; its accountId is the list's.
    accountId: origin === 'list' ? null : accountId,
    direction: 'out',
    step,
    at: now(),
    detail: { sender: first.sender, recipients: some.map(({ recipient }) => recipient), ...detail },
  })
}

export interface Attempted {
  host: RouteHost
  tls: TlsState | null
  /** Was a transaction begun with it? */
  heard: boolean
  detail: TraceDetail
  prepared: Prepared
}

/**
 * Notes an attempt at one host. `mtaSts` is the policy's mode, `dane` what came of it, each followed by the result type of RFC 8460 4.3 where it failed:
 * `enforce certificate-host-mismatch`, `failed validation-failure`.
 */
export function noteAttempt(some: readonly Leased[], attempted: Attempted, recorders: Recorders): void {
  const { host, tls, heard, detail, prepared } = attempted
  const problem = problemOf(attempted)
  const dane = !host.dane ? 'none' : heard && tls?.verified ? 'verified' : 'failed'
  noteStep(
    some,
    'attempt',
    {
      host: host.host,
      ...(tls ? { tls: `${tls.version} ${tls.cipher}` } : {}),
      mtaSts: host.mtaSts === 'none' || host.dane || !problem ? host.mtaSts : `${host.mtaSts} ${problem}`,
      dane: dane === 'failed' && problem ? `failed ${problem}` : dane,
      ...detail,
    },
    recorders,
  )
  const [first] = some
  if (!heard || !recorders.receipts || !first?.traceId || first.origin !== 'account') return
  const { tenantId, accountId, region, traceId } = first
  const at = recorders.now()
  void recorders.receipts
    .add(
      { tenantId, accountId, region, traceId, messageId: prepared.messageId, at },
      {
        kind: 'attempt',
        recipients: some.map(({ recipient }) => recipient),
        host: host.host,
        address: detail.address ?? '',
        tls: tls && { version: tls.version, cipher: tls.cipher, verified: tls.verified },
        mtaSts: host.mtaSts,
        dane,
        added: prepared.added,
        code: detail.code ?? 250,
        text: detail.text ?? '',
        at: at.toISOString(),
      },
    )
    .catch(() => undefined)
}

function problemOf({ host, tls, heard, detail }: Attempted): string | null {
  if (!heard) return host.problem ?? (isProblem(detail.text) ? detail.text : null)
  if (tls === null) return 'starttls-not-supported'
  return tls.problem ?? (host.mtaSts === 'testing' && !host.mtaStsNamed ? 'validation-failure' : null)
}

const isProblem = (text: string | undefined): text is string =>
  text !== undefined && /^(?:starttls-not-supported|certificate-[a-z-]+|validation-failure|dane-required)$/.test(text)
