import { Fault } from '#lib/errors'

/** Why a message to a report address is dropped: counted by these words, told to nobody. */
export type Refusal =
  | 'no-report'
  | 'too-large'
  | 'ratio'
  | 'nested'
  | 'broken-archive'
  | 'doctype'
  | 'broken-xml'
  | 'broken-json'
  | 'too-deep'
  | 'too-many-records'
  | 'not-a-report'
  | 'other-domain'
  | 'wrong-time'
  | 'too-many-reports'

const PREFIX = 'report:'

/** A report that is not taken. */
export const unfit = (why: Refusal): Fault =>
  new Fault('BAD_REQUEST', 'This is no report that can be read.', { internal: `${PREFIX}${why}` })

/** The word of a refusal of ours; null for every other error, such as an outage. */
export const refusalOf = (error: unknown): Refusal | null =>
  error instanceof Fault && error.internal.startsWith(PREFIX) ? (error.internal.slice(PREFIX.length) as Refusal) : null
