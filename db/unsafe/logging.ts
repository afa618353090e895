import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: keys of logs and of accounts, public halves only. */
export const LOGGING_FUNCTIONS: readonly UnsafeFunction[] = []
