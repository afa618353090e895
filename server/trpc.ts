import { initTRPC, TRPCError } from '@trpc/server'
import superjson from 'superjson'
import { ZodError } from 'zod'
import { codeOf, Fault, type FaultCode, toFault } from '#lib/errors'
import type { Actor, ServiceContext } from '#server/services'
import type { FoundLiveSession } from '#server/services/session/read-session'
import { createRateLimit } from '#server/web/rate-limit'

/** What a procedure is given. `source` says how the call came: only a POST of our own pages, or our own process, may change anything. */
export interface RequestContext {
  services: ServiceContext
  session: FoundLiveSession | null
  source: 'server' | 'same-origin-post' | 'other'
}

/** What a procedure says about itself. */
export interface ProcedureMeta {
  /** Calls a minute one person may make; set on what guesses passwords, creates, sends or reads out whole mailboxes. */
  perMinute?: number
}

const t = initTRPC
  .context<RequestContext>()
  .meta<ProcedureMeta>()
  .create({
    transformer: superjson,
    // Only what may be shown: a public text, a code and the field at fault. No stack, no path of ours, no cause (W-25).
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      message: publicText(error),
      data: { code: error.code, httpStatus: shape.data.httpStatus, field: fieldOf(error) },
    }),
  })

const CODES = {
  BAD_REQUEST: 'BAD_REQUEST',
  UNAUTHENTICATED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  LIMIT: 'TOO_MANY_REQUESTS',
  OVER_QUOTA: 'PRECONDITION_FAILED',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<FaultCode, TRPCError['code']>

/** A Fault as tRPC carries it: the message may be shown, the Fault itself stays behind as the cause. */
const toTrpcError = (fault: Fault): TRPCError =>
  new TRPCError({ code: CODES[fault.code], message: fault.message, cause: fault })

function publicText(error: TRPCError): string {
  if (error.cause instanceof Fault) return error.cause.message
  if (error.cause instanceof ZodError) {
    const first = error.cause.issues[0]
    // Zod names unknown keys in its text; what a stranger sent is not said back.
    return first === undefined || first.code === 'unrecognized_keys'
      ? 'Some of what was sent is not asked for.'
      : first.message
  }
  switch (error.code) {
    case 'INTERNAL_SERVER_ERROR':
      return 'Something went wrong on our side. Nothing was changed.'
    case 'NOT_FOUND':
      return 'There is no such thing here.'
    case 'PAYLOAD_TOO_LARGE':
      return 'That is too large.'
    default:
      return 'This request cannot be answered.'
  }
}

/** The form field at fault: of a Fault, or the first one the schema refused. Names of ours only, never what was typed. */
function fieldOf(error: TRPCError): string | undefined {
  if (error.cause instanceof Fault) return error.cause.field
  if (error.cause instanceof ZodError) return error.cause.issues[0]?.path.map(String).join('.') || undefined
  return undefined
}

/** Faults become tRPC errors here and nowhere else; what nobody expected is logged by its code and shows nothing. */
const faults = t.middleware(async ({ ctx, next, path }) => {
  const result = await next()
  if (result.ok) return result
  const { error } = result
  if (error.cause instanceof ZodError || (error.cause === undefined && error.code !== 'INTERNAL_SERVER_ERROR')) {
    return result
  }
  const fault = toFault(error.cause ?? error)
  if (fault.code === 'INTERNAL')
    ctx.services.log.error('procedure failed', { path, code: codeOf(error.cause ?? error) })
  throw toTrpcError(fault)
})

/** A change is only taken from our own pages: a POST with JSON whose Origin is ours, or our own process (W-07). */
const ownPagesOnly = t.middleware(({ ctx, type, next }) => {
  if (type === 'mutation' && ctx.source === 'other') {
    throw toTrpcError(new Fault('FORBIDDEN', 'This request did not come from this site.'))
  }
  return next()
})

const rateLimit = createRateLimit()

const limited = t.middleware(({ ctx, meta, path, next }) => {
  if (meta?.perMinute !== undefined) {
    const who = ctx.session ? idOf(ctx.session.actor) : 'anonymous'
    const waitS = rateLimit.take(`${who} ${path}`, meta.perMinute, ctx.services.clock.now().getTime())
    if (waitS > 0) throw toTrpcError(new Fault('LIMIT', `That was often. Please try again in ${waitS} seconds.`))
  }
  return next()
})

/** The id under which a person is counted and logged. */
function idOf(actor: Actor): string {
  switch (actor.kind) {
    case 'operator':
    case 'reseller':
      return actor.staffId
    case 'domain-admin':
    case 'subscriber':
      return actor.accountId
    case 'system':
      return 'system'
  }
}

type ActorOf<Kind extends Actor['kind']> = Extract<Actor, { kind: Kind }>

/** Lets only actors of these kinds through. Which objects they may touch is for server/access to say, in every service. */
const only = <Kind extends Actor['kind']>(...kinds: readonly Kind[]) =>
  t.middleware(({ ctx, next }) => {
    const { session } = ctx
    if (!session) throw toTrpcError(new Fault('UNAUTHENTICATED', 'Please sign in.'))
    const actor = kinds.map((kind) => ofKind(session.actor, kind)).find((found) => found !== null)
    if (!actor) throw toTrpcError(new Fault('FORBIDDEN', 'You may not do this.'))
    return next({ ctx: { session, actor } })
  })

const ofKind = <Kind extends Actor['kind']>(actor: Actor, kind: Kind): ActorOf<Kind> | null =>
  actor.kind === kind ? (actor as ActorOf<Kind>) : null

const base = t.procedure.use(faults).use(ownPagesOnly)

export const router = t.router
/** Anyone, signed in or not. */
export const publicProcedure = base.use(limited)
export const signedInProcedure = base.use(only('operator', 'reseller', 'domain-admin', 'subscriber')).use(limited)
/** Owners of a mailbox; a domain admin is one too. */
export const subscriberProcedure = base.use(only('subscriber', 'domain-admin')).use(limited)
export const domainAdminProcedure = base.use(only('domain-admin')).use(limited)
export const resellerProcedure = base.use(only('reseller')).use(limited)
export const operatorProcedure = base.use(only('operator')).use(limited)
