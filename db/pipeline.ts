import type postgres from 'postgres'
import { Fault } from '#lib/errors'
import { failpoint } from '#lib/failpoint'

/** What a statement can be written with, inside a transaction or for a pipeline. */
export type Writer = postgres.ISql<{ bigint: number }>
/** A statement that is written but not sent. */
export type Statement<T> = PromiseLike<T> & { execute(): unknown }
/** A statement that answers with rows. */
export type RowsOf<Row extends object> = postgres.PendingQuery<Row[]>
/** A statement that answers with the fields of each row as they came over the wire. */
export type RawRows = postgres.PendingRawQuery<Record<string, unknown>[]>

/** What a pipeline of statements answers with. */
export type Answers<T extends readonly Statement<unknown>[]> = { -readonly [K in keyof T]: Awaited<T[K]> }

/** An error of the server after which the connection lives on. FATAL ends it (57P01 to 57P03), and any other error comes from one that is gone. */
const fromServer = (error: unknown): boolean =>
  error instanceof Error && error.name === 'PostgresError' && 'severity' in error && error.severity === 'ERROR'
const isAftermath = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '25P02'

type Sql = postgres.Sql<{ bigint: number }>

interface Lane {
  sql: Sql
  lost: boolean
  /** What is on its way, in part perhaps not sent yet: while the connection is busy, postgres.js keeps statements in the pool. */
  under: readonly Statement<unknown>[]
}

/** As postgres.js has it: null until the statement was handed to a connection. */
interface Pending {
  state?: unknown
  cancel?(): unknown
}

/**
 * The connection is gone. What the pool still keeps it would send over the next one, outside of any transaction: the second half of a delivery without
 * its first. Called before it connects anew.
 */
function lose(lane: Lane): void {
  lane.lost = true
  for (const statement of lane.under as readonly Pending[]) if (!statement.state) statement.cancel?.()
}

/**
 * Transactions that are sent whole; see MailDatabase.pipeline. The server runs each statement when those before it are done, and after an error skips to
 * the COMMIT, which then undoes: so the connection is out of the transaction, and the scope of `set local` gone, in either case. Success is what the
 * server answers to COMMIT, and nothing before.
 *
 * A lane is a pool of one connection, used by one transaction at a time and thrown away once that connection is lost: a pool would connect anew by itself
 * and send there what is left of a transaction. (`reserve` of postgres.js 3.4 is no help: a reservation that failed while connecting takes a connection
 * out of the pool for good.) A class, since it lives as long as the process.
 */
export class Lanes {
  readonly #open: (onClose: () => void) => Sql
  readonly #most: number
  readonly #free: Lane[] = []
  readonly #all = new Set<Lane>()
  readonly #waiting: ((lane: Lane) => void)[] = []

  /** At most `most` lanes, each opened when it is first needed. */
  constructor(open: (onClose: () => void) => Sql, most: number) {
    this.#open = open
    this.#most = most
  }

  /** See MailDatabase.pipeline; `scope` is the statement that sets it. */
  run<const T extends readonly Statement<unknown>[]>(
    scope: string,
    build: (sql: Writer) => T,
    options: { snapshot?: boolean } = {},
  ): Promise<Answers<T>> {
    return this.#onLane((lane) => transact(lane, scope, build, options))
  }

  /** See MailDatabase.deliver. */
  runTwice<const T extends readonly Statement<unknown>[]>(
    first: (sql: Writer) => T,
    then: (answers: Answers<T>, sql: Writer) => readonly Statement<unknown>[],
  ): Promise<void> {
    return this.#onLane((lane) => transactTwice(lane, first, then))
  }

  async #onLane<R>(work: (lane: Lane) => Promise<R>): Promise<R> {
    const lane = this.#take() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)))
    try {
      return await work(lane)
    } finally {
      this.#give(lane)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.sql.end({ timeout: 5 })))
  }

  #take(): Lane | undefined {
    for (let lane = this.#free.pop(); lane; lane = this.#free.pop()) {
      if (!lane.lost) return lane
      this.#discard(lane)
    }
    return this.#all.size < this.#most ? this.#make() : undefined
  }

  #make(): Lane {
    let made: Lane | undefined
    const sql = this.#open(() => {
      if (made) lose(made)
    })
    made = { sql, lost: false, under: [] }
    this.#all.add(made)
    return made
  }

  #give(lane: Lane): void {
    if (lane.lost) this.#discard(lane)
    const next = this.#waiting.shift()
    if (next) next(lane.lost ? this.#make() : lane)
    else if (!lane.lost) this.#free.push(lane)
  }

  #discard(lane: Lane): void {
    this.#all.delete(lane)
    lane.sql.end({ timeout: 0 }).catch(() => undefined)
  }
}

async function transact<const T extends readonly Statement<unknown>[]>(
  lane: Lane,
  scope: string,
  build: (sql: Writer) => T,
  options: { snapshot?: boolean },
): Promise<Answers<T>> {
  const statements = build(lane.sql)
  const begin = options.snapshot ? 'begin isolation level repeatable read read only' : 'begin'
  const commit = lane.sql.unsafe('commit').simple()
  const sent = [lane.sql.unsafe(`${begin}; ${scope}`).simple(), ...statements, commit]
  const { answers, failure } = await exchange(lane, sent)
  if (failure) throw failure.error
  await confirm(lane, commit)
  return answers.slice(1, -1) as Answers<T>
}

/** The lane is out of the transaction whatever happens: by COMMIT, by ROLLBACK, or by its end. */
async function transactTwice<const T extends readonly Statement<unknown>[]>(
  lane: Lane,
  first: (sql: Writer) => T,
  then: (answers: Answers<T>, sql: Writer) => readonly Statement<unknown>[],
): Promise<void> {
  const { answers, failure } = await exchange(lane, [lane.sql.unsafe('begin').simple(), ...first(lane.sql)])
  let statements: readonly Statement<unknown>[]
  try {
    if (failure) throw failure.error
    statements = then(answers.slice(1) as Answers<T>, lane.sql)
  } catch (error) {
    // What it says is not waited for in vain: a connection that is lost has undone everything already.
    await exchange(lane, [lane.sql.unsafe('rollback').simple()]).catch(() => undefined)
    throw error
  }
  // Nothing was waited for since: a lane that is whole here has not been connected anew in between.
  if (lane.lost) throw gone('lost between trips')
  failpoint('before-commit')
  const commit = lane.sql.unsafe('commit').simple()
  const second = await exchange(lane, [...statements, commit])
  if (second.failure) throw second.failure.error
  await confirm(lane, commit)
}

const gone = (internal: string): Fault =>
  new Fault('UNAVAILABLE', 'The database went away; try again in a moment.', { internal })

async function confirm(lane: Lane, commit: PromiseLike<{ command: string }>): Promise<void> {
  const { command } = await commit
  if (lane.lost || command !== 'COMMIT') throw gone(`answer ${command}`)
}

/** Sends statements together and waits for every answer. Throws when the connection is lost; an error of the server is returned, the first that is a cause. */
async function exchange(
  lane: Lane,
  sent: readonly Statement<unknown>[],
): Promise<{ answers: unknown[]; failure: { error: unknown } | undefined }> {
  lane.under = sent
  for (const statement of sent) {
    statement.execute()
    // Each is waited for below; one that fails before its turn comes is not unhandled meanwhile.
    statement.then(undefined, () => undefined)
  }
  const answers: unknown[] = []
  let failure: { error: unknown } | undefined
  for (const statement of sent) {
    try {
      answers.push(await statement)
    } catch (error) {
      if (!fromServer(error)) {
        lane.lost = true
        throw error
      }
      if (!failure || isAftermath(failure.error)) failure = { error }
    }
  }
  return { answers, failure }
}
