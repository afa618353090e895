import type { UnsafeFunction } from '#db/unsafe/function'

/** Reads across tenants: where mail for an address goes. */
export const ADDRESS_FUNCTIONS: readonly UnsafeFunction[] = []
