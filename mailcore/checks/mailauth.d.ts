/** The inner parts of mailauth 7.1 that are used alone; only what is touched is described. */
declare module 'mailauth/lib/spf/index.js' {
  export function spf(options: {
    sender: string
    ip: string
    helo: string
    mta: string
    strict: boolean
    maxResolveCount: number
    maxVoidCount: number
    resolver: (name: string, type: string) => Promise<unknown>
  }): Promise<{ domain: string; status: { result: string; smtp?: { mailfrom?: string; helo?: string } } }>
}

declare module 'mailauth/lib/dmarc/verify.js' {
  export function evaluateDmarc(options: {
    headerFrom: readonly string[]
    fromFields: number
    spfDomains: readonly string[]
    dkimDomains: readonly { domain: string }[]
    resolver: (name: string, type: string) => Promise<unknown>
    strict: boolean
  }): Promise<{
    response:
      | false
      | {
          status: { result: string }
          policy?: 'none' | 'quarantine' | 'reject'
          policyDomain?: string
          p?: string
          record?: { pct?: number }
        }
    reason?: string
  }>
}

declare module 'mailauth/lib/dkim/dkim-verifier.js' {
  import type { Writable } from 'node:stream'

  export interface SignatureHeader {
    type: 'DKIM' | 'ARC'
    skip?: string
    invalid?: string
    maxBodyLength: number | ''
    signingDomain: string
    selector: string
  }
  export interface SignatureResult {
    signingDomain?: string
    selector?: string
    signature?: string
    status: { result: string; comment?: string | false }
    modulusLength?: number
  }
  export class DkimVerifier extends Writable {
    constructor(options: {
      resolver: (name: string, type: string) => Promise<unknown>
      minBitLength: number
      strict: boolean
      sender?: string
    })
    results: SignatureResult[]
    arc: object
    prepareSignature(header: SignatureHeader): void
  }
}

declare module 'mailauth/lib/arc/index.js' {
  export function arc(
    data: object,
    options: {
      resolver: (name: string, type: string) => Promise<unknown>
      minBitLength: number
      strict: boolean
      ip?: string
    },
  ): Promise<{
    status: { result: string; comment?: string }
    signature?: { signingDomain?: string } | false
    i?: number | false
  }>
}
