import type { Log } from '#lib/log'
import type { AttemptResult, Destinations, Leased, Pools, Receipts, Signer, Trace, TraceDetail } from '#mailcore/ports'
import { isWireAddress, type Recipient, type Transaction } from './client/commands'
import type { Connection } from './client/connection'
import type { Connect, Target } from './client/line'
import type { ConnectionPool, Result } from './client/pool'
import { enhancedOf, type Reply, replyText } from './client/reply'
import type { TlsDemand } from './client/tls'
import type { Prepared } from './prepare'
import type { Route, RouteHost, Routes } from './route'
import { noteAttempt } from './told'

export interface RemoteOptions {
  routes: Routes
  connections: ConnectionPool
  hostname: string
  destinations?: Destinations
  pools?: Pools
  signer?: Signer
  trace?: Trace
  receipts?: Receipts
  connect?: Connect
  /** Authorities in place of node's own; tests only */
  ca?: string
  signal: AbortSignal
  now: () => Date
  log: Log
}

/** What became of one recipient, and whether the server that took it sends reports itself (RFC 3461 5.2.2). */
export type RemoteResult = AttemptResult & { reports?: boolean }

/** Recipients of one message at one domain: one transaction where the server takes them. */
export interface Group {
  domain: string
  members: readonly Leased[]
  prepared: Prepared
}

const TARGETS_MOST = 8
const deferred = (code: number, enhanced: string): RemoteResult => ({ kind: 'deferred', code, enhanced })
const failed = (code: number, enhanced: string): RemoteResult => ({ kind: 'failed', code, enhanced })

/** Tries a group once at its hosts in order, each recipient until a host has given it an answer that stands. Throws only on outages of our own. */
export async function attemptRemote(group: Group, options: RemoteOptions): Promise<Map<Leased, RemoteResult>> {
  const results = new Map<Leased, RemoteResult>()
  const first = group.members[0]
  if (!first) return results
  const route = await options.routes(group.domain, first.route)
  if ('kind' in route) {
    for (const one of group.members) results.set(one, route)
    return results
  }
  const open = group.members.filter((one) => {
    if (isWireAddress(one.recipient) && isWireAddress(one.sender)) return true
    results.set(one, failed(553, '5.1.3'))
    return false
  })
  await tryHosts(group, open, route, options, results)
  return results
}

async function tryHosts(
  group: Group,
  open: readonly Leased[],
  route: Route,
  options: RemoteOptions,
  results: Map<Leased, RemoteResult>,
): Promise<void> {
  let waiting = open
  let tried = 0
  let answered = false
  const unsettled = (result: RemoteResult) => {
    for (const one of waiting) if (!results.has(one) || results.get(one)?.kind === 'deferred') results.set(one, result)
  }
  unsettled(deferred(451, '4.4.4'))
  for (const host of route.hosts) {
    const demand = demandOf(host, waiting[0])
    if (!demand) {
      if (host.targets.length > 0) {
        unsettled(tlsResult(waiting[0], host))
        note(group, waiting, host, undefined, { outcome: 'deferred', text: host.problem }, options)
      }
      continue
    }
    for (const target of host.targets) {
      if (waiting.length === 0 || tried++ >= TARGETS_MOST || options.signal.aborted) break
      const outcome = await tryTarget(group, waiting, { host, target, demand }, options)
      answered ||= outcome.answered
      for (const [one, result] of outcome.results) results.set(one, result)
      waiting = waiting.filter((one) => results.get(one)?.kind === 'deferred' && !outcome.uncertain.has(one))
    }
    if (waiting.length === 0 || options.signal.aborted) break
  }
  for (const [one, result] of results)
    if (result.kind === 'deferred' && result.enhanced === '5.7.30') results.set(one, failed(550, '5.7.30'))
  if (options.signal.aborted || !options.destinations || group.members[0]?.route) return
  await (answered ? options.destinations.answered(group.domain) : options.destinations.failed(group.domain))
}

/** REQUIRETLS (RFC 8689 4.2.1): a way that is vouched for, and a certificate that holds. */
function demandOf(host: RouteHost, one: Leased | undefined): TlsDemand | null {
  if (!one?.wishes.requireTls || host.demand === null) return host.demand
  if (!host.vouched) return null
  return host.demand.kind === 'dane' ? host.demand : { kind: 'webpki' }
}

/** Nothing safe to use: tried again, never downgraded. What was to go over TLS or not at all comes back at once where no way is vouched for. */
const tlsResult = (one: Leased | undefined, host: RouteHost): RemoteResult =>
  one?.wishes.requireTls && !host.vouched && host.demand ? failed(550, '5.7.30') : deferred(451, '4.7.5')

interface At {
  host: RouteHost
  target: Target
  demand: TlsDemand
}

interface TargetOutcome {
  results: Map<Leased, RemoteResult>
  /** Recipients whose message went out without an answer: another host might make a second copy of it now. */
  uncertain: Set<Leased>
  answered: boolean
}

async function tryTarget(
  group: Group,
  waiting: readonly Leased[],
  at: At,
  options: RemoteOptions,
): Promise<TargetOutcome> {
  const first = waiting[0]
  const pool = first && options.pools ? await options.pools.of(first.tenantId) : null
  const localAddress = pool?.addresses.find((address) => address.includes(':') === at.target.address.includes(':'))
  const use = {
    target: at.target,
    hostname: pool?.heloName ?? options.hostname,
    demand: at.demand,
    ...(localAddress ? { localAddress } : {}),
    ...(options.connect ? { connect: options.connect } : {}),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    signal: options.signal,
  }
  const result = await options.connections.send(use, transactionOf(group, waiting))
  const outcome: TargetOutcome = { results: new Map(), uncertain: new Set(), answered: false }
  if (!result.ok) {
    closedOutcome(result, waiting, outcome)
    const [one] = outcome.results.values()
    note(
      group,
      waiting,
      at.host,
      undefined,
      { address: at.target.address, ...detailOf(one), ...problemOf(result) },
      options,
    )
    return outcome
  }
  const { connection, sent } = result
  if (sent.unfit) {
    outcome.answered = true
    const { code, enhanced } = sent.unfit
    // Another host of the domain may do better, at TLS at least; what none can take fails in the end.
    const one = enhanced === '5.7.30' ? deferred(code, enhanced) : failed(code, enhanced)
    for (const leased of waiting) outcome.results.set(leased, one)
    note(group, waiting, at.host, connection, { address: at.target.address, ...detailOf(one) }, options)
    return outcome
  }
  for (const [i, one] of waiting.entries()) {
    const reply = sent.replies[i] ?? null
    outcome.results.set(one, judge(reply, connection))
    if (reply) outcome.answered = true
    else if (sent.poured) outcome.uncertain.add(one)
  }
  tell(group, at, outcome.results, connection, options)
  return outcome
}

function closedOutcome(
  result: Exclude<Result, { ok: true }>,
  waiting: readonly Leased[],
  outcome: TargetOutcome,
): void {
  outcome.answered = result.kind === 'reply'
  const one = closedResult(result)
  for (const leased of waiting) outcome.results.set(leased, one)
}

function closedResult(result: Exclude<Result, { ok: true }>): RemoteResult {
  switch (result.kind) {
    case 'no-answer':
      return deferred(451, '4.4.1')
    case 'tls':
      return deferred(451, '4.7.5')
    case 'reply':
      // Refused at the greeting: nothing was said of the message, but 5yz there means "not from you" (RFC 5321 3.1).
      return refusal(result.reply)
  }
}

const problemOf = (result: Exclude<Result, { ok: true }>): { text?: string } =>
  result.kind === 'tls' ? { text: result.problem } : {}

function transactionOf({ prepared }: Group, waiting: readonly Leased[]): Transaction {
  const [first] = waiting
  const wishes = first?.wishes ?? {}
  return {
    sender: first?.sender ?? '',
    recipients: waiting.map(recipientOf),
    message: prepared.message,
    eightBit: prepared.eightBit,
    smtpUtf8: first?.smtpUtf8 ?? false,
    ...(wishes.ret ? { ret: wishes.ret } : {}),
    ...(wishes.envid ? { envid: wishes.envid } : {}),
    requireTls: wishes.requireTls ?? false,
  }
}

function recipientOf(one: Leased): Recipient {
  const wish = one.wishes.recipients?.[one.position]
  return {
    address: one.recipient,
    ...(wish?.notify ? { notify: wish.notify } : {}),
    ...(wish?.orcpt ? { orcpt: wish.orcpt } : {}),
  }
}

/** RFC 5321 4.2.1: 2yz is done, 4yz try again, 5yz never. */
function judge(reply: Reply | null, { capabilities }: Connection): RemoteResult {
  if (!reply) return deferred(451, '4.4.2')
  return reply.code < 400 ? { kind: 'delivered', reports: capabilities.dsn } : refusal(reply)
}

function refusal(reply: Reply): RemoteResult {
  const kind = reply.code < 500 ? 'deferred' : 'failed'
  return { kind, code: reply.code, enhanced: enhancedOf(reply), remoteText: replyText(reply) }
}

const detailOf = (result: RemoteResult | undefined): TraceDetail => {
  if (!result) return {}
  if (result.kind === 'delivered') return { outcome: 'delivered' }
  const { kind, code, enhanced, remoteText } = result
  return { outcome: kind, code, enhanced, ...(remoteText ? { text: remoteText.slice(0, 300) } : {}) }
}

/** One step of the trace, and one part of the receipt, for each different answer. */
function tell(
  group: Group,
  at: At,
  results: ReadonlyMap<Leased, RemoteResult>,
  connection: Connection,
  options: RemoteOptions,
): void {
  if (!options.trace && !options.receipts) return
  const by = new Map<string, Leased[]>()
  for (const [one, result] of results) {
    const key = JSON.stringify(detailOf(result))
    by.set(key, [...(by.get(key) ?? []), one])
  }
  for (const some of by.values()) {
    const [first] = some
    const detail = detailOf(first ? results.get(first) : undefined)
    note(group, some, at.host, connection, { address: at.target.address, ...detail }, options)
  }
}

function note(
  group: Group,
  some: readonly Leased[],
  host: RouteHost,
  connection: Connection | undefined,
  detail: TraceDetail,
  options: RemoteOptions,
): void {
  noteAttempt(
    some,
    { host, tls: connection?.tls ?? null, heard: connection !== undefined, detail, prepared: group.prepared },
    options,
  )
}
