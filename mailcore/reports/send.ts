import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Databases } from '#db/client'
import { claimReport, releaseReport } from '#db/control/queries/report-sent'
import { type Clock, DAY_MS } from '#lib/clock'
import { keyedHash } from '#lib/crypto/hash'
import { codeOf } from '#lib/errors'
import { type AccountId, type Branded, type DomainId, newId, type RegionId, type TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Queue, Resolver } from '#mailcore/ports'
import type { SeenGroup, TlsGroup } from './aggregate'
import {
  type Destination,
  type DmarcPolicy,
  mayReceive,
  parseDmarcRecord,
  parseTlsRecord,
  policyNames,
} from './policy-record'
import { composeReport } from './report-mail'
import { dayOf } from './store'
import { writeDmarcReport } from './write-dmarc'
import { writeTlsReport } from './write-tls'

export interface ReportSenderParts {
  db: Databases
  queue: Pick<Queue, 'enqueue'>
  resolver: Pick<Resolver, 'txt'>
  clock: Clock
  log: Log
  /** 32 bytes; names of domains are kept as hashes under it */
  lookupKey: Buffer
  /** Our name as who reports */
  hostname: string
}

/** The domain of ours in whose name reports go out: it signs them. */
export interface ReportOrigin {
  tenantId: TenantId
  region: RegionId
  domainId: DomainId
  domain: string
}

/** Domains that are reported to in a day, those with most mail first: each costs look-ups that a forger of authors chooses. */
const DOMAINS_MOST = 2_000
/** A report grows with sources; beyond it the smallest are left out. */
const GROUPS_MOST = 20_000

const gzip = promisify(zlib.gzip)

/**
 * Sends yesterday's reports to the domains that ask for them: one a domain and day, whatever happens in between. Returns how many went into the queue. A domain
 * whose DNS does not answer gets none for the day (RFC 7489 7.2 asks for best effort).
 */
export async function sendReports(
  parts: ReportSenderParts,
  origin: ReportOrigin,
  day: { begin: Date; dmarc: readonly SeenGroup[]; tls: ReadonlyMap<string, TlsGroup[]> },
): Promise<number> {
  let sent = 0
  for (const one of await findPolicies(parts, day.dmarc)) sent += await sendDmarc(parts, origin, day.begin, one)
  const sessions = (groups: TlsGroup[]) => groups.reduce((sum, group) => sum + group.succeeded + group.failed, 0)
  const busiest = [...day.tls].sort(([, a], [, b]) => sessions(b) - sessions(a)).slice(0, DOMAINS_MOST)
  for (const [domain, groups] of busiest) sent += await sendTls(parts, origin, day.begin, { domain, groups })
  return sent
}

interface Asked {
  policyDomain: string
  policy: DmarcPolicy
  groups: SeenGroup[]
}

/** Authors' domains put together under the domains whose policies cover them and ask for reports. */
async function findPolicies(parts: ReportSenderParts, groups: readonly SeenGroup[]): Promise<Iterable<Asked>> {
  const byAuthor = new Map<string, SeenGroup[]>()
  for (const group of groups) byAuthor.set(group.headerFrom, [...(byAuthor.get(group.headerFrom) ?? []), group])
  const sum = (list: SeenGroup[]) => list.reduce((total, { messages }) => total + messages, 0)
  const busiest = [...byAuthor].sort(([, a], [, b]) => sum(b) - sum(a)).slice(0, DOMAINS_MOST)
  const asked = new Map<string, Asked>()
  for (const [author, seen] of busiest) {
    for (const policyDomain of policyNames(author)) {
      const texts = await parts.resolver.txt(`_dmarc.${policyDomain}`).catch(() => null)
      // Not known is not absent: a parent's policy is not looked for.
      if (texts === null) break
      const policy = parseDmarcRecord(texts)
      if (!policy) continue
      const known = asked.get(policyDomain)
      if (known) known.groups.push(...seen)
      else if (policy.rua.length > 0) asked.set(policyDomain, { policyDomain, policy, groups: [...seen] })
      break
    }
  }
  return asked.values()
}

async function sendDmarc(parts: ReportSenderParts, origin: ReportOrigin, begin: Date, asked: Asked): Promise<number> {
  const { policyDomain, policy } = asked
  const to: Destination[] = []
  for (const one of policy.rua) {
    if (await mayReceive(policyDomain, one, (name) => parts.resolver.txt(name))) to.push(one)
  }
  const reportId = newId<Branded<'Report'>>()
  const text = writeDmarcReport({
    organisation: parts.hostname,
    contact: `dmarc-reports@${origin.domain}`,
    reportId,
    ...spanOf(begin),
    policyDomain,
    policy,
    groups: asked.groups.toSorted((a, b) => b.messages - a.messages).slice(0, GROUPS_MOST),
  })
  return post(parts, origin, { kind: 'dmarc', domain: policyDomain, to, begin, text, reportId })
}

async function sendTls(
  parts: ReportSenderParts,
  origin: ReportOrigin,
  begin: Date,
  about: { domain: string; groups: TlsGroup[] },
): Promise<number> {
  const texts = await parts.resolver.txt(`_smtp._tls.${about.domain}`).catch(() => [])
  const to = parseTlsRecord(texts) ?? []
  if (to.length === 0) return 0
  const reportId = newId<Branded<'Report'>>()
  const text = writeTlsReport({
    organisation: parts.hostname,
    contact: `tls-reports@${origin.domain}`,
    reportId,
    ...spanOf(begin),
    ...about,
  })
  return post(parts, origin, { kind: 'tls', domain: about.domain, to, begin, text, reportId })
}

const spanOf = (begin: Date) => ({ beginAt: begin, endAt: new Date(begin.getTime() + DAY_MS - 1000) })

interface Post {
  kind: 'dmarc' | 'tls'
  domain: string
  to: readonly Destination[]
  begin: Date
  text: string
  reportId: string
}

/** Queues one report for each of its destinations, once: the note that it went is made first, and taken back when nothing could be queued. */
async function post(parts: ReportSenderParts, origin: ReportOrigin, report: Post): Promise<number> {
  const packed = await gzip(report.text)
  const mails = report.to.flatMap((destination) => {
    const { kind, domain, reportId } = report
    const raw = composeReport({
      kind,
      domain,
      reportId,
      ownDomain: origin.domain,
      submitter: parts.hostname,
      recipient: destination.address,
      ...spanOf(report.begin),
      now: parts.clock.now(),
      packed,
    })
    return destination.mostBytes !== null && raw.length > destination.mostBytes ? [] : [{ raw, destination }]
  })
  if (mails.length === 0) return 0
  const which = {
    kind: report.kind,
    day: dayOf(report.begin),
    domainHash: keyedHash(parts.lookupKey, 'report-domain', report.domain),
  }
  if (!(await parts.db.control.withSystem('queue', (tx) => claimReport(tx, which)))) return 0
  let queued = 0
  for (const { raw, destination } of mails) {
    try {
      await parts.queue.enqueue({
        tenantId: origin.tenantId,
        // Nobody's mail: the domain stands for whom it is from.
        accountId: origin.domainId as string as AccountId,
        region: origin.region,
        // Null, so that nothing ever answers a report.
        sender: '',
        recipients: [destination.address],
        raw,
        smtpUtf8: /[^\0-\x7f]/.test(destination.address),
        origin: 'automatic',
      })
      queued++
    } catch (error) {
      parts.log.warn('report.unsent', { kind: report.kind, code: codeOf(error) })
    }
  }
  if (queued === 0) await parts.db.control.withSystem('queue', (tx) => releaseReport(tx, which))
  return queued > 0 ? 1 : 0
}
