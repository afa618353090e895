import { Fault } from '#lib/errors'
import { type AccountId, newId, type QueueId, type RegionId, type TenantId } from '#lib/ids'
import type {
  AttemptOutcome,
  Checks,
  Delivery,
  Directory,
  Incoming,
  Inspected,
  Leased,
  Mailbox,
  MxHost,
  Outgoing,
  Queue,
  RecipientVerdict,
  Resolution,
  Resolver,
  SendingCaps,
  SignInResult,
  Verdict,
} from '#mailcore/ports'

/** A mailbox that exists nowhere but in a test. */
export const fakeMailbox = (): Mailbox => ({
  tenantId: newId<TenantId>(),
  accountId: newId<AccountId>(),
  region: 'eu' as RegionId,
  publicKey: Buffer.alloc(32),
  keyVersion: 1,
})

export interface FakeAccount {
  password: string
  mailbox: Mailbox
  state?: 'suspended' | 'full'
  /** It is an address for reports about its domain. */
  reports?: boolean
  /** It is a group of these. */
  group?: { posting: 'anyone' | 'tenant' | 'members'; mailboxes: Mailbox[] }
  /** Answer of signIn in place of a checked password */
  signIn?: SignInResult
  maySend?: boolean
  aliases?: string[]
  /** An access token of the account */
  token?: string
}

export interface FakeDirectory extends Directory {
  accounts: Map<string, FakeAccount>
  /** Hosted domains; an address elsewhere is remote. */
  domains: Set<string>
  add(address: string, account?: Partial<FakeAccount>): FakeAccount
  /** What resolve and signIn throw next, until it is null again. */
  failing: Error | null
  /** Sizes of the batches asked for, in order. */
  batches: number[]
  signOut(accountId: AccountId, reason?: 'suspended' | 'password' | 'terminated'): void
}

function signedIn(address: string, { mailbox, maySend = true }: FakeAccount): SignInResult {
  const { tenantId, accountId, region } = mailbox
  return { ok: true, account: { tenantId, accountId, region, address, credentialId: newId(), maySend, epoch: 1 } }
}

/** A directory in memory, with one set of rules: exact normalised addresses, `aliases` beside. */
export function fakeDirectory(domains: string[] = ['our.test']): FakeDirectory {
  const listeners = new Set<Parameters<Directory['onSignOut']>[0]>()
  const find = (address: string): FakeAccount | undefined => {
    const own = directory.accounts.get(address)
    if (own) return own
    for (const account of directory.accounts.values()) if (account.aliases?.includes(address)) return account
    return undefined
  }
  const resolveOne = (address: string): Resolution => {
    const account = find(address)
    if (!account) return { kind: directory.domains.has(address.split('@')[1] ?? '') ? 'unknown' : 'remote' }
    const { tenantId, region } = account.mailbox
    if (account.group) return { kind: 'group', tenantId, ...account.group }
    if (account.reports) return { kind: 'handover', to: 'reports', tenantId, region, listId: null }
    return account.state ? { kind: account.state } : { kind: 'mailbox', mailbox: account.mailbox }
  }
  const directory: FakeDirectory = {
    accounts: new Map(),
    domains: new Set(domains),
    failing: null,
    batches: [],
    add(address, account = {}) {
      const made = { password: 'correct horse battery', mailbox: fakeMailbox(), ...account }
      directory.accounts.set(address, made)
      return made
    },
    async resolve(addresses) {
      if (directory.failing) throw directory.failing
      directory.batches.push(addresses.length)
      return addresses.map(resolveOne)
    },
    async signIn({ username, password }) {
      if (directory.failing) throw directory.failing
      const account = directory.accounts.get(username)
      if (account?.signIn) return account.signIn
      if (account?.password !== password) return { ok: false, reason: 'credentials' }
      return signedIn(username, account)
    },
    async signInByToken({ username, token }) {
      if (directory.failing) throw directory.failing
      const found = [...directory.accounts].find(([, account]) => account.token === token)
      const [address, account] = found ?? []
      if (!address || !account || (username !== '' && find(username) !== account))
        return { ok: false, reason: 'credentials' }
      return account.signIn ?? signedIn(address, account)
    },
    async mayUse({ accountId }, address) {
      return find(address)?.mailbox.accountId === accountId
    },
    onSignOut(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    signOut(accountId, reason = 'suspended') {
      for (const listener of listeners) listener(accountId, reason)
    },
  }
  return directory
}

export interface FakeDelivery extends Delivery {
  delivered: Incoming[]
  failing: Error | null
  /** Throws what it answers for a message. */
  refusing: (message: Incoming) => Error | null
  /** Awaited before a delivery counts: hold it to look at the time before the commit. */
  gate: Promise<void> | null
}

export function fakeDelivery(): FakeDelivery {
  const delivery: FakeDelivery = {
    delivered: [],
    failing: null,
    refusing: () => null,
    gate: null,
    async deliver(message) {
      if (delivery.gate) await delivery.gate
      const refusal = delivery.failing ?? delivery.refusing(message)
      if (refusal) throw refusal
      delivery.delivered.push(message)
    },
  }
  return delivery
}

export interface FakeQueue extends Queue {
  enqueued: Outgoing[]
  waiting: Leased[]
  /** What attempts ended with, in order. */
  outcomes: { recipient: string; outcome: AttemptOutcome }[]
  /** Recipients whose senders were told. */
  told: string[]
  /** Leases renewed so far. */
  renewals: number
  failing: Error | null
  /** False lets settle report that the lease has passed on. */
  holdsLease: boolean
  add(leased: Partial<Leased>): void
}

/** A queue in memory. A deferred recipient does not come back by itself: add it again. */
export function fakeQueue(): FakeQueue {
  const listeners = new Set<() => void>()
  const queue: FakeQueue = {
    enqueued: [],
    waiting: [],
    outcomes: [],
    told: [],
    renewals: 0,
    failing: null,
    holdsLease: true,
    add(leased) {
      queue.waiting.push({
        id: newId<QueueId>(),
        position: 0,
        origin: 'account',
        traceId: null,
        wishes: {},
        region: 'eu' as RegionId,
        tenantId: newId<TenantId>(),
        accountId: newId<AccountId>(),
        sender: 'alice@our.test',
        recipient: 'bob@ext.test',
        raw: Buffer.from('From: alice@our.test\r\nSubject: hi\r\n\r\nbody\r\n'),
        smtpUtf8: false,
        queuedAt: new Date(),
        attempts: 0,
        token: 1n,
        failure: null,
        ...leased,
      })
      for (const listener of listeners) listener()
    },
    async enqueue(message) {
      if (queue.failing) throw queue.failing
      queue.enqueued.push(message)
      return newId<QueueId>()
    },
    async claim(most) {
      return queue.waiting.splice(0, most)
    },
    async settle(leased, outcome) {
      if (!queue.holdsLease) return false
      if (outcome.kind === 'told') queue.told.push(leased.recipient)
      else queue.outcomes.push({ recipient: leased.recipient, outcome })
      return true
    },
    async renew() {
      queue.renewals++
      return queue.holdsLease
    },
    async depth() {
      return queue.waiting.length
    },
    async onWork(listener) {
      listeners.add(listener)
      return async () => {
        listeners.delete(listener)
      }
    },
  }
  return queue
}

/** A resolver that knows only what it was given; a domain mapped to an Error throws it. */
export function fakeResolver(known: Record<string, MxHost[] | Error> = {}): Resolver {
  const hosts = new Map(Object.entries(known))
  return {
    async mx(domain) {
      const found = hosts.get(domain)
      if (found instanceof Error) throw found
      if (!found) throw new Fault('NOT_FOUND', 'No such domain')
      return found
    },
    async addresses(host) {
      return [host]
    },
    async txt() {
      return []
    },
  }
}

/** A mailbox without room as a port reports it. */
export const overQuota = (): Fault => new Fault('OVER_QUOTA', 'full')

/** An outage as a port reports it. */
export const outage = (): Fault => new Fault('UNAVAILABLE', 'away')

/** Checks that find nothing wrong with anybody; `verdict` is what becomes of the next messages where it is set. */
export interface FakeChecks extends Checks {
  inspected: Inspected[]
  atRecipient: RecipientVerdict
  verdict: Partial<Verdict>
}

export function fakeChecks(): FakeChecks {
  const checks: FakeChecks = {
    inspected: [],
    atRecipient: { kind: 'accept' },
    verdict: {},
    recipient: async () => checks.atRecipient,
    inspect: async (message) => {
      checks.inspected.push(message)
      return {
        action: 'accept',
        fields: '',
        message: message.message,
        into: new Map(),
        findings: [],
        ...checks.verdict,
      }
    },
  }
  return checks
}

/** Caps that nobody reaches, unless `answer` says so; counts what was taken. */
export function fakeCaps(): SendingCaps & { taken: number[]; answer: Awaited<ReturnType<SendingCaps['take']>> } {
  const caps: ReturnType<typeof fakeCaps> = {
    taken: [],
    answer: { ok: true },
    take: async (_, recipients) => {
      caps.taken.push(recipients)
      return caps.answer
    },
  }
  return caps
}
