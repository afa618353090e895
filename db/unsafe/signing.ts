import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: signing keys and policies of domains. */
export const SIGNING_FUNCTIONS: readonly UnsafeFunction[] = []
