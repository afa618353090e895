import type { Command } from '../command'
import { deleteAcl, getAcl, listRights, myRights, setAcl } from './acl'
import { create } from './create'
import { del } from './delete'
import { list } from './list'
import { lsub } from './lsub'
import { getMetadata, setMetadata } from './metadata'
import { namespace } from './namespace'
import { notify } from './notify'
import { getQuota, getQuotaRoot, setQuota } from './quota'
import { rename } from './rename'
import { status } from './status'
import { subscribe, unsubscribe } from './subscribe'

/** The commands about mailboxes as such, by their names. */
export const foldersCommands: Readonly<Record<string, Command>> = {
  LIST: list,
  LSUB: lsub,
  NAMESPACE: namespace,
  CREATE: create,
  DELETE: del,
  RENAME: rename,
  SUBSCRIBE: subscribe,
  UNSUBSCRIBE: unsubscribe,
  STATUS: status,
  SETACL: setAcl,
  DELETEACL: deleteAcl,
  GETACL: getAcl,
  LISTRIGHTS: listRights,
  MYRIGHTS: myRights,
  GETMETADATA: getMetadata,
  SETMETADATA: setMetadata,
  NOTIFY: notify,
  GETQUOTA: getQuota,
  GETQUOTAROOT: getQuotaRoot,
  SETQUOTA: setQuota,
}
