import { afterEach, describe, expect, it, vi } from 'vitest'

const command = vi.hoisted(() => ({ exitCode: 0 }))
vi.mock('#bin/cli/run-command', () => ({
  runCommand: async () => {
    if (command.exitCode !== 0) process.exitCode = command.exitCode
  },
}))

const argv = process.argv
afterEach(() => {
  process.argv = argv
  process.exitCode = undefined
  vi.restoreAllMocks()
  vi.resetModules()
})

/** The exit code of `mailtight` when its command has run: what is given to exit, or else what the command has set. */
async function exitOf(exitCode: number): Promise<number> {
  command.exitCode = exitCode
  process.argv = ['node', 'main', 'fsck', '--json']
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
  await import('#bin/main')
  expect(exit).toHaveBeenCalledTimes(1)
  return Number(exit.mock.calls[0]?.[0] ?? process.exitCode ?? 0)
}

describe('the end of a command', () => {
  it.each([0, 1])('carries the exit code which the command has set (%d)', async (exitCode) => {
    expect(await exitOf(exitCode)).toBe(exitCode)
  })
})
