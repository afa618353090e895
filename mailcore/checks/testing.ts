import { generateKeyPairSync } from 'node:crypto'
import { type AccountId, newId, type TenantId, type TraceId } from '#lib/ids'
import { silentLog } from '#lib/log'
import { INITIAL_MAIL_POLICY, type MailPolicy } from '#lib/mail-policy'
import type { CheckedRecipient, Inspected } from '#mailcore/ports/checks'
import type { RuleHit, SenderRules } from '#mailcore/ports/protection'
import { type ChecksParts, createChecks } from './checks'
import { type Ask, dnsError, type RecordType } from './dns'

/** A DNS of a few names, for tests. Counts what it is asked. */
export function fakeDns(zone: Record<string, Partial<Record<RecordType, readonly unknown[]>> | 'fails' | 'hangs'>): {
  ask: Ask
  asked: string[]
} {
  const asked: string[] = []
  const ask: Ask = async (name, type) => {
    asked.push(`${type} ${name}`)
    const found = zone[name.toLowerCase()]
    if (found === 'fails') throw dnsError('ESERVFAIL')
    if (found === 'hangs') return new Promise(() => undefined)
    if (!found) throw dnsError('ENOTFOUND')
    const records = found[type]
    if (!records) throw dnsError('ENODATA')
    return { records: type === 'TXT' ? records.map((text) => [String(text)]) : records }
  }
  return { ask, asked }
}

/** A pair of DKIM keys: the private one as PEM, and the text of the record. */
export function fakeKey(bits: number): { privateKey: string; record: string } {
  const pair = generateKeyPairSync('rsa', { modulusLength: bits })
  return {
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    record: `v=DKIM1; k=rsa; p=${pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  }
}

export const TENANT = newId<TenantId>()
export const OTHER_TENANT = newId<TenantId>()

export interface FakeRules extends SenderRules {
  policies: Map<TenantId, MailPolicy>
  hits: (RuleHit & { tenantId: TenantId; address: string })[]
  greylist: Set<string>
}

/** Rules of a test: `hits` match by exact address. */
export function fakeRules(): FakeRules {
  const rules: FakeRules = {
    policies: new Map(),
    hits: [],
    greylist: new Set(),
    policy: async (tenantId) => rules.policies.get(tenantId) ?? INITIAL_MAIL_POLICY,
    matching: async ({ tenantId, accountIds }, traits) =>
      traits.flatMap((trait, index) =>
        rules.hits
          .filter((hit) => hit.tenantId === tenantId && hit.address === trait.address)
          .filter((hit) => hit.accountId === null || accountIds.includes(hit.accountId))
          .map(({ accountId, level, action }) => ({ accountId, level, action, trait: index })),
      ),
    greylisted: async ({ recipient }) => rules.greylist.has(recipient),
  }
  return rules
}

export const recipientOf = (
  address: string,
  tenantId: TenantId = TENANT,
): CheckedRecipient & { account: AccountId } => {
  const account = newId<AccountId>()
  const region = 'eu' as CheckedRecipient['mailboxes'][number]['region']
  const mailbox = { tenantId, accountId: account, region, publicKey: Buffer.alloc(32), keyVersion: 1 }
  return { address, tenantId, mailboxes: [mailbox], account }
}

export const setUp = (parts: Partial<ChecksParts> = {}) =>
  createChecks({
    rules: fakeRules(),
    ask: fakeDns({}).ask,
    hostname: 'mx.test',
    scanners: { rspamd: null, clamd: null },
    clock: { now: () => new Date() },
    log: silentLog,
    ...parts,
  })

export const mailFrom = (author: string, more = ''): Buffer =>
  Buffer.from(`From: ${author}\r\nTo: ann@here.test\r\nSubject: hi\r\nMessage-ID: <1@x>\r\n${more}\r\nHello there.\r\n`)

export const inspected = (message: Buffer, more: Partial<Inspected> = {}): Inspected => ({
  peer: { address: '192.0.2.1', helo: 'out.sender.test', tls: true },
  sender: 'bob@sender.test',
  recipients: [recipientOf('ann@here.test')],
  message,
  receivedAt: new Date(),
  traceId: newId<TraceId>(),
  ...more,
})
