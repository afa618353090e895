import { customType } from 'drizzle-orm/pg-core'

/** Sealed bytes, hashes and keys. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })
