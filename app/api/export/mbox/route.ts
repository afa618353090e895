import { backend } from '#server/web/backend'

const handle = (request: Request): Promise<Response> => backend().mbox(request)

/** GET: one's own mail as mbox. POST, a form with `account`, `reason` and for staff `tenant`: that of an account one administers. */
export { handle as GET, handle as POST }
