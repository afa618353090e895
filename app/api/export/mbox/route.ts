import { backend } from '#server/web/backend'

/** One's own mail as mbox, or with `?account=` (and `tenant=` for staff) and `reason=` that of an account one administers. */
export const POST = (request: Request): Promise<Response> => backend().mbox(request)
