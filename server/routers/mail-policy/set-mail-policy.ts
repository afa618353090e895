import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { dmarcChoice, greylistChoice, scoreTenths, spamChoice } from '#server/routers/input'
import { setMailPolicy } from '#server/services/mail-policy/set'
import { domainAdminProcedure } from '#server/trpc'

const input = z.strictObject({
  spam: spamChoice,
  junkScoreTenths: scoreTenths,
  rejectScoreTenths: scoreTenths,
  greylist: greylistChoice,
  dmarc: dmarcChoice,
})

export const setMailPolicyAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(({ ctx, input: given }) =>
    setMailPolicy(ctx.services, ctx.actor, { ...given, tenantId: ctx.actor.tenantId }),
  )
