import { parseArgs } from 'node:util'
import { sentenceOf } from '#bin/cli/sentence'
import { isRole, ROLE_NAMES, ROLES } from '#bin/roles'
import type { RoleMessage } from '#bin/supervisor/role-process'
import { readSettings } from '#lib/env'
import { codeOf, Fault } from '#lib/errors'
import { createLog } from '#lib/log'

/** Says something to the supervisor, where there is one. */
const tell = (message: RoleMessage): void => {
  if (process.connected) process.send?.(message, () => undefined)
}

/**
 * `mailtight run --role=R`: runs one role in the foreground, under a supervisor or alone, with the settings of its environment. Ends
 * cleanly on SIGTERM and SIGINT. When the supervisor dies it goes on serving; the next one replaces it.
 */
export async function runRole(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { role: { type: 'string' } }, strict: false })
  const name = String(values.role ?? '')
  if (!isRole(name)) throw new Fault('BAD_REQUEST', `--role must be one of ${ROLE_NAMES.join(', ')}.`)
  process.title = `mailtight --role=${name}`
  const log = createLog(name)
  // A defect in one session must not leave the process in an unknown state: it ends, and the supervisor starts it again.
  const crash = (error: unknown) => {
    log.error('crash', { code: codeOf(error) })
    process.exit(1)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  try {
    const role = await ROLES[name].load()
    const running = await role.start(readSettings())
    let stopping = false
    const stop = async () => {
      if (stopping) return
      stopping = true
      await running.stop().catch((error: unknown) => log.warn('stop', { code: codeOf(error) }))
      process.exit(0)
    }
    process.on('SIGTERM', () => void stop())
    process.on('SIGINT', () => void stop())
    log.info('ready')
    tell({ ready: true })
  } catch (error) {
    tell({ failed: sentenceOf(error) })
    throw error
  }
}
