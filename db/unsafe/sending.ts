import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: what may be sent, counted over all processes. */
export const SENDING_FUNCTIONS: readonly UnsafeFunction[] = []
