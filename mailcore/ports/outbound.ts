/** The ports of the way out: what the deliver role asks of the DNS, of published policies and of what is known about destinations. */
import type { AccountId, RegionId, TenantId } from '#lib/ids'

export interface MxHost {
  host: string
  priority: number
  /** Set only by a fixed route of the settings (demo, tests): connect there, without looking up the host. */
  port?: number
}

/** One TLSA record (RFC 6698 2.1). */
export interface TlsaRecord {
  usage: number
  selector: number
  matching: number
  data: Buffer
}

/** Look-ups that say whether DNSSEC vouches for the answer. `secure` is never true unless the settings say that the name server validates. */
export interface SecureDns {
  mx(domain: string): Promise<{ hosts: MxHost[]; secure: boolean }>
  addresses(host: string): Promise<{ addresses: string[]; secure: boolean }>
  /** TLSA records of a port; none when the name does not exist. Throws UNAVAILABLE when the answer is bogus or there is none (RFC 7672 2.1.1). */
  tlsa(host: string, port: number): Promise<{ records: TlsaRecord[]; secure: boolean }>
}

/** A domain's policy of RFC 8461 section 3.2. */
export interface StsPolicy {
  /** `id` of the TXT record under which it was fetched */
  id: string
  mode: 'none' | 'testing' | 'enforce'
  /** Patterns of mail hosts, lower case: a name, or `*.` and a name for one label more */
  mx: readonly string[]
  maxAgeS: number
}

/** What holds for a domain at the moment; `problem` is a result type of RFC 8460 4.3 about fetching it. */
export interface StsFinding {
  policy: StsPolicy | null
  problem?: 'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid'
}

export interface StsPolicies {
  /** Never throws: what cannot be learned is no policy, or the one known from before (RFC 8461 3.3). */
  of(domain: string): Promise<StsFinding>
}

/** What is kept about remote domains over restarts and processes, by keyed hash. */
export interface Destinations {
  /** No host of the domain could be reached: nothing is tried before the moment returned, which lies further ahead each time. */
  failed(domain: string): Promise<Date>
  /** A host answered: the domain is tried again as soon as there is mail. */
  answered(domain: string): Promise<void>
  /** The MTA-STS policy kept for a domain and until when it holds. */
  policy(domain: string): Promise<{ policy: StsPolicy; until: Date } | null>
  keepPolicy(domain: string, policy: StsPolicy, until: Date): Promise<void>
}

/** The addresses a tenant's mail leaves from and the name said there; null: any address, our own name. */
export interface Pools {
  of(tenantId: TenantId): Promise<{ addresses: readonly string[]; heloName: string } | null>
}

/** Told of failures that speak of a sender's conduct, for the bounce rate (S-16). */
export interface BounceCount {
  bounced(account: { tenantId: TenantId; accountId: AccountId; region: RegionId }): Promise<void>
}
