import { codeOf } from '#lib/errors'
import type { Delivery, Directory, Handover, Leased, Resolution } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { returnPath } from '#mailcore/proto/received'
import { prepare } from './prepare'
import { attemptRemote, type RemoteOptions, type RemoteResult } from './remote'

/** What the deliver role does with recipients that are ours but no mailbox, by what they are. */
export type Handovers = Partial<Record<Extract<Resolution, { kind: 'handover' }>['to'], Handover>>

export interface AttemptOptions extends RemoteOptions {
  directory: Pick<Directory, 'resolve'>
  delivery: Delivery
  handovers?: Handovers
}

export interface Attempt extends Pick<RemoteOptions, 'signal'> {
  /** Recipients of one message that go one way: all at one remote domain, or one here. */
  members: readonly Leased[]
  way: Way
}

export type Way =
  | { kind: 'remote'; domain: string }
  | { kind: 'here'; resolution: Exclude<Resolution, { kind: 'remote' }> }
  | { kind: 'settled'; result: RemoteResult }

/** Results by recipient; `inside`: it never left the house. */
export type AttemptResults = Map<Leased, RemoteResult & { inside?: boolean }>

const deferred = (code: number, enhanced: string): RemoteResult => ({ kind: 'deferred', code, enhanced })
const failed = (code: number, enhanced: string): RemoteResult => ({ kind: 'failed', code, enhanced })

/** Tries some recipients of one message once. Never throws: an outage of our own is a deferral. */
export async function attempt(one: Attempt, options: AttemptOptions): Promise<AttemptResults> {
  const [first] = one.members
  try {
    if (!first) return new Map()
    switch (one.way.kind) {
      case 'settled':
        return every(one.members, one.way.result)
      case 'here':
        return every(one.members, { ...(await attemptHere(first, one.way.resolution, options)), inside: true })
      case 'remote': {
        const prepared = await prepare(first, options.signer)
        return await attemptRemote({ domain: one.way.domain, members: one.members, prepared }, options)
      }
    }
  } catch (error) {
    options.log.warn('deliver.attempt', { queueId: first?.id, code: codeOf(error) })
    return every(one.members, deferred(451, '4.3.0'))
  }
}

const every = (members: readonly Leased[], result: RemoteResult & { inside?: boolean }): AttemptResults =>
  new Map(members.map((one) => [one, result]))

async function attemptHere(
  leased: Leased,
  resolution: Exclude<Resolution, { kind: 'remote' }>,
  options: AttemptOptions,
): Promise<RemoteResult> {
  switch (resolution.kind) {
    case 'mailbox':
    case 'group': {
      const mailboxes = resolution.kind === 'group' ? resolution.mailboxes : [resolution.mailbox]
      if (mailboxes.length === 0) return failed(550, '5.1.1')
      await options.delivery.deliver({
        raw: Buffer.concat([Buffer.from(returnPath(leased.sender)), leased.raw]),
        receivedAt: options.now(),
        mailboxes,
        envelope: { sender: leased.sender, recipientsOf: () => [leased.recipient] },
      })
      return { kind: 'delivered' }
    }
    case 'handover': {
      const handover = options.handovers?.[resolution.to]
      return handover ? handover.handle(leased, resolution) : deferred(451, '4.3.0')
    }
    case 'unknown':
      return failed(550, '5.1.1')
    case 'suspended':
      return deferred(450, '4.2.1')
    case 'full':
      return deferred(452, '4.2.2')
  }
}

/**
 * Sorts what was claimed into attempts: recipients of one message at one remote domain together, those here one by one. Addresses are looked up all at
 * once; where that fails, all of them are put off.
 */
export async function planAttempts(
  leased: readonly Leased[],
  options: Pick<AttemptOptions, 'directory' | 'log'>,
): Promise<Omit<Attempt, 'signal'>[]> {
  const parsed = leased.map((one) => parseAddress(one.recipient))
  const wanted = [...new Set(parsed.flatMap((one) => (one ? [one.address] : [])))]
  const known = await resolveAll(wanted, options)
  const groups = new Map<string, { members: Leased[]; way: Way }>()
  const alone: { members: Leased[]; way: Way }[] = []
  for (const [i, one] of leased.entries()) {
    const address = parsed[i]
    const way = wayOf(one, address, known)
    if (way.kind !== 'remote') {
      alone.push({ members: [one], way })
      continue
    }
    const key = `${one.id} ${way.domain} ${JSON.stringify(one.route ?? null)}`
    const group = groups.get(key) ?? { members: [], way }
    group.members.push(one)
    groups.set(key, group)
  }
  return [...alone, ...[...groups.values()].flatMap(inTransactions)]
}

/** RFC 5321 4.5.3.1.8: a server takes at least 100 recipients; more than that goes in further transactions. */
const RECIPIENTS_MOST = 100

function inTransactions({ members, way }: { members: Leased[]; way: Way }): { members: Leased[]; way: Way }[] {
  const parts: { members: Leased[]; way: Way }[] = []
  for (let at = 0; at < members.length; at += RECIPIENTS_MOST)
    parts.push({ members: members.slice(at, at + RECIPIENTS_MOST), way })
  return parts
}

async function resolveAll(
  wanted: readonly string[],
  { directory, log }: Pick<AttemptOptions, 'directory' | 'log'>,
): Promise<Map<string, Resolution> | null> {
  if (wanted.length === 0) return new Map()
  try {
    const found = await directory.resolve(wanted)
    return new Map(wanted.map((address, i) => [address, found[i] ?? { kind: 'remote' }]))
  } catch (error) {
    log.warn('deliver.resolve', { code: codeOf(error) })
    return null
  }
}

function wayOf(
  one: Leased,
  address: ReturnType<typeof parseAddress> | undefined,
  known: Map<string, Resolution> | null,
): Way {
  if (!address) return { kind: 'settled', result: failed(553, '5.1.3') }
  const resolution = known?.get(address.address)
  if (!resolution) return { kind: 'settled', result: deferred(451, '4.3.0') }
  if (resolution.kind !== 'remote') return { kind: 'here', resolution }
  // Refused for good not long ago: not tried again, whoever asks (S-16).
  if (one.suppressed) return { kind: 'settled', result: failed(550, '5.1.1') }
  return { kind: 'remote', domain: address.domain }
}
