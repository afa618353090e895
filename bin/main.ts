import { isMainThread } from 'node:worker_threads'
import { fail, write } from '#bin/cli/output'
import { sentenceOf } from '#bin/cli/sentence'

/** Dispatches to one of the entries; each is loaded only when it is the one. */
async function main(args: readonly string[]): Promise<void> {
  const [first] = args
  switch (first) {
    case 'supervise': {
      const { supervise } = await import('#bin/supervisor/supervise')
      return supervise()
    }
    case 'run': {
      const { runRole } = await import('#bin/run-role')
      return runRole(args.slice(1))
    }
    case 'seed': {
      const { seed } = await import('#bin/seed')
      return seed()
    }
    case undefined:
    case 'help':
    case '--help':
    case '-h': {
      const { help } = await import('#bin/cli/run-command')
      return write(1, help())
    }
    default: {
      const { runCommand } = await import('#bin/cli/run-command')
      await runCommand(args)
      process.exit() // with the exit code a command set (fsck); pools of connections would keep the process for a while
    }
  }
}

if (isMainThread) {
  try {
    await main(process.argv.slice(2))
  } catch (error) {
    fail(sentenceOf(error))
    process.exit(1)
  }
}
