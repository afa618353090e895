import { currentSession } from '#server/auth/actor'
import { backend, type Caller } from '#server/web/backend'

/**
 * The procedures for a server component, as whoever is signed in: `(await callerFor()).dashboard.mail.folders()`. Each call passes
 * the same ladder and schema as one over HTTP. Errors are read with `refusalOf`.
 */
export const callerFor = async (): Promise<Caller> => backend().caller(await currentSession())

/** Why a call was refused, in words for the person at the page. */
export interface Refusal {
  /** tRPC's code, such as NOT_FOUND */
  code: string
  text: string
  field: string | undefined
}

/** Reads an error thrown by a call. Errors that are none of ours are thrown on. */
export function refusalOf(error: unknown): Refusal {
  // By shape, not by class: the back end's classes are not the copies that Next bundled.
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.name === 'TRPCError') {
    const cause: unknown = error.cause
    const field =
      cause instanceof Error && 'field' in cause && typeof cause.field === 'string' ? cause.field : undefined
    return { code: error.code, text: error.message, field }
  }
  throw error
}
