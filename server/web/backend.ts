import type { SignInOutcome, SignInRequest } from '#server/auth/sign-in'
import type { AppRouter } from '#server/routers/index'
import type { ServiceContext } from '#server/services'
import type { FoundLiveSession } from '#server/services/session/read-session'

/** The procedures as a page calls them: in the process, without HTTP. */
export type Caller = ReturnType<AppRouter['createCaller']>

/**
 * The back end as the rendered pages see it. Next bundles pages and routes into graphs of modules of their own, each with its own
 * copy of every class; one back end made outside of them and handed over here keeps one pool, one cache and one Fault class.
 * So app/ and the files of server/auth that run inside Next import types only, and call through this.
 */
export interface WebBackend {
  /** Our origins, the canonical one first. */
  readonly origins: readonly string[]
  readonly log: ServiceContext['log']
  /** Secret of next-auth's CSRF token. */
  readonly authSecret: string
  /** Checks a password and begins a session; `replaces` is the token of a session that ends with it. */
  signIn(login: SignInRequest): Promise<SignInOutcome>
  findSession(token: string): Promise<FoundLiveSession | null>
  endSession(token: string): Promise<void>
  caller(session: FoundLiveSession | null): Caller
  /** Answers /api/trpc and the downloads below /api; each checks the session by itself. */
  trpc(request: Request): Promise<Response>
  mbox(request: Request): Promise<Response>
  appleProfile(request: Request): Promise<Response>
  messageDocument(request: Request, at: { folder: string; uid: string }): Promise<Response>
  attachment(request: Request, at: { folder: string; uid: string; index: string }): Promise<Response>
}

const KEY = Symbol.for('mailtight.web-backend')
type Holder = typeof globalThis & { [KEY]?: WebBackend }

/** Hands the back end to the pages of this process; undefined takes it away again. */
export function installBackend(backend: WebBackend | undefined): void {
  ;(globalThis as Holder)[KEY] = backend
}

/** The back end of this process. Throws while the web role is not running, as under `next build`. */
export function backend(): WebBackend {
  const found = (globalThis as Holder)[KEY]
  if (!found) throw new Error('The web role is not running: pages are served by `mailtight run --role=web` only.')
  return found
}
