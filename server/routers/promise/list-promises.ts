import { readSettings } from '#lib/env'
import { checkPromises } from '#server/promises/index'
import { nothing } from '#server/routers/input'
import { operatorProcedure } from '#server/trpc'

/** Checks every promise of the policy now, against the running instance. */
export const listPromisesProcedure = operatorProcedure
  .input(nothing)
  .query(({ ctx }) => checkPromises({ services: ctx.services, settings: readSettings() }))
