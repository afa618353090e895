import { spawn } from 'node:child_process'

const KEPT_BYTES = 16_000

/**
 * Runs a program to its end. Resolves with its exit code (1 when a signal ended it) and the end of its output, which is shown as it
 * comes when `show` is set.
 */
export function run(program, args, { cwd, env, show = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_BYTES)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
