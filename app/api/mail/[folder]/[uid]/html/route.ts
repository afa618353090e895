import { backend } from '#server/web/backend'

type Context = { params: Promise<{ folder: string; uid: string }> }

/** A message's HTML as a document of its own, for a sandboxed frame; see server/web/headers for its policy. */
export const GET = async (request: Request, context: Context): Promise<Response> =>
  backend().messageDocument(request, await context.params)
