import type { Running } from '#lib/lifecycle'
import { compileScript, SIEVE_EXTENSIONS } from '#mailcore/sieve/index'
import { type ManageSieveOptions, startManageSieveWith } from './door'

export type { ManageSieveOptions } from './door'

/** Serves ManageSieve (RFC 5804) for our Sieve, and resolves once it listens, with the port it was given. */
export const startManageSieve = (options: ManageSieveOptions): Promise<Running & { port: number }> =>
  startManageSieveWith({ compile: compileScript, extensions: SIEVE_EXTENSIONS }, options)
