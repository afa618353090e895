import type { ServiceContext } from '#server/services'

/** Something the worker does again and again. Running it twice does no harm. Returns how many things it did. */
export interface Job {
  name: string
  everyMs: number
  run(ctx: ServiceContext): Promise<number>
}
