import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.next/**', '**/.mailtight/**', '**/.test-home/**'],
    globalSetup: ['tests/helpers/cluster.ts'],
    pool: 'forks',
    // Two cores and two database servers: more workers only make every test slower.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { MAILTIGHT_LOG: 'off' },
  },
})
