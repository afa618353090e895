import { keyedHash } from '#lib/crypto/hash'

/** The domain of a normalised address. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase()

/** What a remote domain is known by in the database. */
export const destinationHash = (lookupKey: Buffer, domain: string): Buffer =>
  keyedHash(lookupKey, 'destination', domain)

/** What a suppressed address is known by; bound to the tenant, so that no row tells of another's. */
export const suppressionHash = (lookupKey: Buffer, tenantId: string, address: string): Buffer =>
  keyedHash(lookupKey, `suppression|${tenantId}`, address)
