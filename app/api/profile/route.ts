import { backend } from '#server/web/backend'

/** The signed-in subscriber's settings for Apple's devices, as a signed profile. */
export const GET = (request: Request): Promise<Response> => backend().appleProfile(request)
