import { backend } from '#server/web/backend'

type Context = { params: Promise<{ folder: string; uid: string; index: string }> }

/** One attachment, always to be saved and never shown. */
export const GET = async (request: Request, context: Context): Promise<Response> =>
  backend().attachment(request, await context.params)
