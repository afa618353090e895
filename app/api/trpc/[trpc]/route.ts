import { backend } from '#server/web/backend'

const handle = (request: Request): Promise<Response> => backend().trpc(request)

export { handle as GET, handle as POST }
