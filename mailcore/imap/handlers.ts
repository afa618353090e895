import type { Door } from './door'
import { createAppend } from './handlers/append'
import { createCopyMove } from './handlers/copy-move'
import { createExpunge } from './handlers/expunge'
import { createFetch } from './handlers/fetch'
import { createFolders } from './handlers/folders'
import { createList } from './handlers/list'
import { createOpen } from './handlers/open'
import { createQuota } from './handlers/quota'
import { createSearch } from './handlers/search'
import { createStatus } from './handlers/status'
import { createStore } from './handlers/store'
import type { Handlers } from './types'

/** imap-core's handlers, one file per command group. */
export const createHandlers = (door: Door): Handlers => ({
  ...createList(door),
  ...createFolders(door),
  ...createOpen(door),
  ...createStatus(door),
  ...createFetch(door),
  ...createStore(door),
  ...createExpunge(door),
  ...createCopyMove(door),
  ...createAppend(door),
  ...createSearch(door),
  ...createQuota(door),
})
