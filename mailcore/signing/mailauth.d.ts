/** The inner parts of mailauth 7.1 that are used alone; only what is touched is described. */
declare module 'mailauth/lib/dkim/body/index.js' {
  export function dkimBody(
    canonicalization: 'relaxed',
    algorithm: 'sha256',
  ): { update(chunk: Buffer): void; digest(encoding: 'base64'): string }
}

declare module 'mailauth/lib/dkim/header/index.js' {
  /** `keys`: the names of h=, with colons between; `headers`: the fields they stand for, in the order in which a verifier takes them. */
  export function generateCanonicalizedHeader(
    type: 'DKIM',
    fields: { keys: string; headers: readonly { line: Buffer }[] },
    options: {
      signingDomain: string
      selector: string
      algorithm: string
      canonicalization: 'relaxed/relaxed'
      bodyHash: string
      /** false: no t= */
      timestamp: false
      expiration: false
    },
  ): { canonicalizedHeader: Buffer; dkimHeaderOpts: Record<string, unknown> }
}

declare module 'mailauth/lib/tools.js' {
  export function formatSignatureHeaderLine(type: 'DKIM', values: Record<string, unknown>, folded: boolean): string
}

declare module 'mailauth/lib/arc/index.js' {
  export function createSeal(
    message: Buffer,
    options: {
      seal: {
        signingDomain: string
        selector: string
        privateKey: string
        algorithm: 'rsa-sha256'
        headerList: readonly string[]
        authResults: string
        cv: 'none' | 'pass' | 'fail'
      }
      strict: boolean
    },
  ): Promise<{ headers: string[]; errors: readonly { err: Error }[] }>
}
