import type postgres from 'postgres'
import { Fault } from '#lib/errors'

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

/** An error of the server, after which the connection lives on; any other comes from a connection that is gone. */
const fromServer = (error: unknown): boolean => error instanceof Error && error.name === 'PostgresError'
const isAftermath = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '25P02'

type Sql = postgres.Sql<{ bigint: number }>

interface Lane {
  sql: Sql
  lost: boolean
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
  async run<const T extends readonly Statement<unknown>[]>(
    scope: string,
    build: (sql: Writer) => T,
    options: { snapshot?: boolean } = {},
  ): Promise<Answers<T>> {
    const lane = this.#take() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)))
    try {
      return await transact(lane, scope, build, options)
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
      if (made) made.lost = true
    })
    made = { sql, lost: false }
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
  if (failure) throw failure.error
  const { command } = await commit
  if (lane.lost || command !== 'COMMIT')
    throw new Fault('UNAVAILABLE', 'The database went away; try again in a moment.', { internal: `answer ${command}` })
  return answers.slice(1, -1) as Answers<T>
}
