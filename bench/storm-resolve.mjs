// Lets plain Node find the sources as the bundler and the test runner do: a relative import without an ending is a .ts file.
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts')) {
      const found = ['.ts', '/index.ts']
        .map((ending) => new URL(`${specifier}${ending}`, context.parentURL))
        .find(existsSync)
      if (found) return next(found.href, context)
    }
    return next(specifier, context)
  },
})
