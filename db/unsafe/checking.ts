import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: what the checks of incoming mail ask. */
export const CHECKING_FUNCTIONS: readonly UnsafeFunction[] = []
