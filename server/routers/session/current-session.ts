import { homeOf } from '#server/auth/home'
import { nothing } from '#server/routers/input'
import { publicProcedure } from '#server/trpc'

/** Who is signed in: kind and first page; null for nobody. */
export const currentSession = publicProcedure.input(nothing).query(({ ctx }) => {
  const kind = ctx.session?.actor.kind
  return kind === undefined ? null : { kind, home: homeOf(kind) }
})
