// `npm start`: install what is missing, build what has changed, then run the supervisor in the foreground.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from './build.mjs'
import { nodeBinary, prepare, root, toolEnvironment } from './prepare.mjs'
import { main } from './setup/tell.mjs'

/** Runs the supervisor until it ends; signals sent to us reach it, so that everything stops in order. */
function supervise() {
  return new Promise((resolve, reject) => {
    const child = spawn(nodeBinary(), [join(root, 'dist', 'main.mjs'), 'supervise', ...process.argv.slice(2)], {
      cwd: process.cwd(),
      env: toolEnvironment({ NODE_ENV: 'production' }),
      // The channel tells the supervisor when this process is killed, so that it does not stay behind without a terminal.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    })
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name))
    if (process.env.npm_lifecycle_event) stopWithParent(child)
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** npm waits for us; when our parent changes, npm was killed, and nobody is left to stop the supervisor. */
function stopWithParent(child) {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 1_000).unref()
}

await main(async () => {
  await prepare()
  await build()
  process.exitCode = await supervise()
})
