import { consoleRouter } from '#server/routers/console'
import { dashboardRouter } from '#server/routers/dashboard'
import { operatorRouter } from '#server/routers/operator'
import { partnerRouter } from '#server/routers/partner'
import { currentSession } from '#server/routers/session/current-session'
import { router } from '#server/trpc'

/** Every procedure there is, by audience as the pages are. Each one stands in the policy table of tests/web/matrix, or the test fails. */
export const appRouter = router({
  session: router({ current: currentSession }),
  dashboard: dashboardRouter,
  console: consoleRouter,
  partner: partnerRouter,
  operator: operatorRouter,
})

export type AppRouter = typeof appRouter
