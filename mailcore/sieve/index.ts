/** The Sieve language (RFC 5228 and extensions): compiles scripts and says what they do with a message. No I/O. */
export { compileScript } from './compile'
export { SIEVE_EXTENSIONS } from './extensions'
export { SIEVE_LIMITS } from './limits'
export { runScript } from './run'
export type { Action, CompileError, CompileResult, Script, SieveEnv, SieveFault, SieveOutcome } from './types'
