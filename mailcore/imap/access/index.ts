import type { Command } from '../command'
import { authenticate } from './authenticate'
import { close, unselect } from './close'
import { enable } from './enable'
import { id } from './id'
import { idle } from './idle'
import { login } from './login'
import { examine, select } from './select'
import { capability, check, logout, noop, unauthenticate } from './simple'
import { starttls } from './starttls'

/** Who one is, what is switched on, which mailbox is open. */
export const accessCommands: Readonly<Record<string, Command>> = {
  CAPABILITY: capability,
  NOOP: noop,
  CHECK: check,
  LOGOUT: logout,
  UNAUTHENTICATE: unauthenticate,
  ID: id,
  STARTTLS: starttls,
  LOGIN: login,
  AUTHENTICATE: authenticate,
  ENABLE: enable,
  SELECT: select,
  EXAMINE: examine,
  CLOSE: close,
  UNSELECT: unselect,
  IDLE: idle,
}
