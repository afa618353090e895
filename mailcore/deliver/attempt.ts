import { codeOf, Fault } from '#lib/errors'
import { isPublicAddress } from '#lib/ip'
import type { Log } from '#lib/log'
import type { AttemptOutcome, Delivery, Directory, Leased, MxHost, Resolver } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { returnPath } from '#mailcore/proto/received'
import { type Connect, type SendResult, send, type Target } from './send'

/** An outcome without the time of the next attempt, which the schedule decides. */
export type Result =
  | { kind: 'delivered' }
  | { kind: 'deferred' | 'failed'; code: number; enhanced: string; remoteText?: string }

export interface AttemptOptions {
  resolver: Pick<Resolver, 'mx' | 'addresses'>
  directory: Pick<Directory, 'resolve'>
  delivery: Delivery
  hostname: string
  connect?: Connect
  /** Port of hosts found in the DNS, 25 */
  port?: number
  signal: AbortSignal
  now: () => Date
  log: Log
}

const ADDRESSES_PER_HOST = 2
const TARGETS_MOST = 8

const deferred = (code: number, enhanced: string): Result => ({ kind: 'deferred', code, enhanced })
const failed = (code: number, enhanced: string): Result => ({ kind: 'failed', code, enhanced })

/** Tries one recipient once: inside when its domain is ours by now, else at its mail hosts in order. Throws only on outages of our own. */
export async function attempt(leased: Leased, options: AttemptOptions): Promise<Result> {
  const recipient = parseAddress(leased.recipient)
  if (!recipient) return failed(553, '5.1.3')
  const [resolution] = await options.directory.resolve([recipient.address])
  switch (resolution?.kind) {
    case 'mailbox': {
      const raw = Buffer.concat([Buffer.from(returnPath(leased.sender)), leased.raw])
      await options.delivery.deliver({
        raw,
        receivedAt: options.now(),
        mailboxes: [resolution.mailbox],
        envelope: { sender: leased.sender, recipientsOf: () => [recipient.address] },
      })
      return { kind: 'delivered' }
    }
    case 'unknown':
      return failed(550, '5.1.1')
    case 'suspended':
      return deferred(450, '4.2.1')
    case 'full':
      return deferred(452, '4.2.2')
    case 'group':
    case 'handover':
      return deferred(451, '4.3.0')
    case 'remote':
    case undefined:
      return await attemptRemote(leased, recipient.domain, options)
  }
}

async function attemptRemote(leased: Leased, domain: string, options: AttemptOptions): Promise<Result> {
  let hosts: MxHost[]
  try {
    hosts = await options.resolver.mx(domain)
  } catch (error) {
    if (error instanceof Fault && error.code === 'NOT_FOUND') return failed(550, '5.1.2')
    options.log.info('deliver.dns', { queueId: leased.id, code: codeOf(error) })
    return deferred(451, '4.4.3')
  }
  // RFC 7505: the domain says that it takes no mail.
  if (hosts.length === 0) return failed(556, '5.1.10')
  let last: Result = deferred(451, '4.4.4')
  let tried = 0
  for (const host of hosts) {
    for (const target of await targetsOf(host, options)) {
      if (tried++ >= TARGETS_MOST || options.signal.aborted) return last
      const result = judge(await send(leased, target, options))
      if (result.kind !== 'deferred') return result
      last = result
    }
  }
  return last
}

async function targetsOf(host: MxHost, options: AttemptOptions): Promise<Target[]> {
  if (host.port !== undefined) return [{ host: host.host, address: host.host, port: host.port }]
  const addresses = await options.resolver.addresses(host.host).catch(() => [])
  return (
    addresses
      // A stranger's MX must not make us talk to our own network; whom we do want there is named by a route.
      .filter((address) => options.port !== undefined || isPublicAddress(address))
      .slice(0, ADDRESSES_PER_HOST)
      .map((address) => ({ host: host.host, address, port: options.port ?? 25 }))
  )
}

/** RFC 5321 4.2.1: 2yz is done, 4yz try again, 5yz never. */
function judge(sent: SendResult): Result {
  switch (sent.kind) {
    case 'reply': {
      if (sent.code < 400) return { kind: 'delivered' }
      const kind = sent.code < 500 ? 'deferred' : 'failed'
      return { kind, code: sent.code, enhanced: enhancedIn(sent.code, sent.text), remoteText: sent.text }
    }
    case 'no-answer':
      return deferred(451, '4.4.1')
    case 'no-utf8':
      return failed(553, '5.6.7')
  }
}

/** The RFC 3463 code in a reply when it agrees with the reply's own class. */
function enhancedIn(code: number, text: string): string {
  const found = /^\d{3}[ -]([45]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1]
  const kind = code < 500 ? '4' : '5'
  return found?.startsWith(kind) ? found : `${kind}.0.0`
}

/** The outcome for the queue. */
export function outcomeOf(result: Result, now: Date, retryAt: Date | null): AttemptOutcome {
  if (result.kind === 'delivered') return { kind: 'delivered' }
  const { kind, code, remoteText } = result
  if (kind === 'deferred' && retryAt) return { kind, code, enhanced: result.enhanced, retryAt }
  // RFC 3463 X.4.7: delivery time expired.
  const enhanced = kind === 'failed' ? result.enhanced : '5.4.7'
  // Kept in the queue until the sender has been told, so a stranger's novel is cut here; a bounce shows no more of it.
  return {
    kind: 'failed',
    failure: { code, enhanced, ...(remoteText ? { remoteText: remoteText.slice(0, 1_000) } : {}), at: now },
  }
}
