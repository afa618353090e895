import { createHash } from 'node:crypto'

export type StsMode = 'none' | 'testing' | 'enforce'

/**
 * For how long other servers may keep the policy (RFC 8461 3.2, at most 31,557,600 s). Short until it is enforced, so that a mistake is over in a day;
 * two weeks then, as a policy that lapses protects nobody.
 */
const MAX_AGE_S: Readonly<Record<StsMode, number>> = { none: 86_400, testing: 86_400, enforce: 1_209_600 }

/** The policy file of RFC 8461 3.2, for a domain whose mail goes to `mxHost`. */
export function stsPolicy(mode: StsMode, mxHost: string): string {
  return `version: STSv1\r\nmode: ${mode}\r\nmx: ${mxHost}\r\nmax_age: ${MAX_AGE_S[mode]}\r\n`
}

/** The id of its TXT record (RFC 8461 3.1: 1 to 32 letters and digits): made from the text, so it changes when the text does. */
export const stsId = (mode: StsMode, mxHost: string): string =>
  createHash('sha256').update(stsPolicy(mode, mxHost)).digest('hex').slice(0, 20)
