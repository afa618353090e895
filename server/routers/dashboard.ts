import { changeOwnPassword } from '#server/routers/account/change-own-password'
import { changeOwnProfile } from '#server/routers/account/change-own-profile'
import { getOwnAccount } from '#server/routers/account/get-own-account'
import { ownAccountStatistics } from '#server/routers/account/own-statistics'
import { listOwnAudit } from '#server/routers/audit/list-own-audit'
import { createOwnAccessToken } from '#server/routers/credential/create-access-token'
import { createOwnAppPassword } from '#server/routers/credential/create-app-password'
import { listOwnAccessTokens } from '#server/routers/credential/list-access-tokens'
import { listOwnAppPasswords } from '#server/routers/credential/list-app-passwords'
import { revokeOwnAccessToken } from '#server/routers/credential/revoke-access-token'
import { revokeOwnAppPassword } from '#server/routers/credential/revoke-app-password'
import { deleteOwnMessages } from '#server/routers/mail/delete-messages'
import { listOwnFolders } from '#server/routers/mail/list-folders'
import { listOwnMessages } from '#server/routers/mail/list-messages'
import { listOwnRecoverable } from '#server/routers/mail/list-recoverable'
import { moveOwnMessages } from '#server/routers/mail/move-messages'
import { readOwnMessage } from '#server/routers/mail/read-message'
import { recoverOwnMessages } from '#server/routers/mail/recover-messages'
import { sendOwnMessage } from '#server/routers/mail/send-message'
import { setOwnFlags } from '#server/routers/mail/set-flags'
import { getForwardProcedure, setForwardProcedure } from '#server/routers/own-address/forward'
import {
  changeMaskedProcedure,
  createMaskedProcedure,
  listOwnAddressesProcedure,
  removeMaskedProcedure,
} from '#server/routers/own-address/masked'
import { deleteOwnQuarantine } from '#server/routers/quarantine/delete-quarantine'
import { listOwnQuarantine } from '#server/routers/quarantine/list-quarantine'
import { releaseOwnQuarantine } from '#server/routers/quarantine/release-quarantine'
import { setOwnRetention } from '#server/routers/retention/set-own-retention'
import { addOwnSenderRule } from '#server/routers/sender-rule/add-sender-rule'
import { listOwnSenderRules } from '#server/routers/sender-rule/list-sender-rules'
import { removeOwnSenderRule } from '#server/routers/sender-rule/remove-sender-rule'
import { endOtherSessions, endOwnSession } from '#server/routers/session/end-session'
import { listOwnSessions } from '#server/routers/session/list-sessions'
import { getReceiptProcedure, listOwnWaysProcedure } from '#server/routers/trace/ways'
import { router } from '#server/trpc'

/** What the owner of a mailbox does; every procedure acts on the signed-in account and takes no other. */
export const dashboardRouter = router({
  account: router({
    get: getOwnAccount,
    statistics: ownAccountStatistics,
    changePassword: changeOwnPassword,
    changeProfile: changeOwnProfile,
  }),
  credentials: router({ list: listOwnAppPasswords, create: createOwnAppPassword, revoke: revokeOwnAppPassword }),
  accessTokens: router({ list: listOwnAccessTokens, create: createOwnAccessToken, revoke: revokeOwnAccessToken }),
  sessions: router({ list: listOwnSessions, end: endOwnSession, endOthers: endOtherSessions }),
  mail: router({
    folders: listOwnFolders,
    list: listOwnMessages,
    read: readOwnMessage,
    send: sendOwnMessage,
    setFlags: setOwnFlags,
    move: moveOwnMessages,
    delete: deleteOwnMessages,
    recoverable: listOwnRecoverable,
    recover: recoverOwnMessages,
  }),
  retention: router({ set: setOwnRetention }),
  senders: router({ list: listOwnSenderRules, add: addOwnSenderRule, remove: removeOwnSenderRule }),
  quarantine: router({ list: listOwnQuarantine, release: releaseOwnQuarantine, delete: deleteOwnQuarantine }),
  addresses: router({
    list: listOwnAddressesProcedure,
    createMasked: createMaskedProcedure,
    changeMasked: changeMaskedProcedure,
    removeMasked: removeMaskedProcedure,
  }),
  forward: router({ get: getForwardProcedure, set: setForwardProcedure }),
  trace: router({ list: listOwnWaysProcedure, receipt: getReceiptProcedure }),
  audit: router({ list: listOwnAudit }),
})
