import { accountStatisticsAsAdmin } from '#server/routers/account/account-statistics'
import { cancelTerminationAsAdmin } from '#server/routers/account/cancel-termination'
import { changeProfileAsAdmin } from '#server/routers/account/change-profile'
import { createAccountAsAdmin } from '#server/routers/account/create-account'
import { getAccountAsAdmin } from '#server/routers/account/get-account'
import { listAccountsAsAdmin } from '#server/routers/account/list-accounts'
import { resetPasswordAsAdmin } from '#server/routers/account/reset-password'
import { resumeAccountAsAdmin } from '#server/routers/account/resume-account'
import { setRoleAsAdmin } from '#server/routers/account/set-role'
import { suspendAccountAsAdmin } from '#server/routers/account/suspend-account'
import { terminateAccountAsAdmin } from '#server/routers/account/terminate-account'
import { createAliasProcedure, removeAliasProcedure } from '#server/routers/address/alias'
import {
  addMembersProcedure,
  changeGroupProcedure,
  clearCatchAllProcedure,
  createGroupProcedure,
  getGroupProcedure,
  listAddressesProcedure,
  removeGroupProcedure,
  removeMemberProcedure,
  setCatchAllProcedure,
} from '#server/routers/address/group'
import { listAccountAuditAsAdmin } from '#server/routers/audit/list-account-audit'
import { listTenantAuditAsAdmin } from '#server/routers/audit/list-tenant-audit'
import { rotateDkimAsAdmin } from '#server/routers/dkim/rotate-dkim'
import { checkDnsAsAdmin } from '#server/routers/dns/check-dns'
import { listAmissAsAdmin } from '#server/routers/dns/list-amiss'
import { readDnsAsAdmin } from '#server/routers/dns/read-dns'
import { addDomainAsAdmin } from '#server/routers/domain/add-domain'
import { listDomainsAsAdmin } from '#server/routers/domain/list-domains'
import { removeDomainAsAdmin } from '#server/routers/domain/remove-domain'
import { setMtaStsAsAdmin } from '#server/routers/domain/set-mta-sts'
import { verifyDomainAsAdmin } from '#server/routers/domain/verify-domain'
import { getMailPolicyAsAdmin } from '#server/routers/mail-policy/get-mail-policy'
import { setMailPolicyAsAdmin } from '#server/routers/mail-policy/set-mail-policy'
import { quarantineOverviewAsAdmin } from '#server/routers/quarantine/quarantine-overview'
import { changeQueueAsAdmin } from '#server/routers/queue/change-queue'
import { listWaitingAsAdmin } from '#server/routers/queue/list-waiting'
import { listSuppressedProcedure, unsuppressProcedure } from '#server/routers/queue/suppressed'
import { listRegionsProcedure } from '#server/routers/region/list-regions'
import { getDomainReportsAsAdmin } from '#server/routers/report/get-domain-reports'
import { getTenantRetentionAsAdmin } from '#server/routers/retention/get-tenant-retention'
import { setTenantRetentionAsAdmin } from '#server/routers/retention/set-tenant-retention'
import { addSenderRuleAsAdmin } from '#server/routers/sender-rule/add-sender-rule'
import { listSenderRulesAsAdmin } from '#server/routers/sender-rule/list-sender-rules'
import { removeSenderRuleAsAdmin } from '#server/routers/sender-rule/remove-sender-rule'
import { liftFreezeAsAdmin, sendingStateAsAdmin } from '#server/routers/sending/state'
import { getOwnTenant } from '#server/routers/tenant/get-tenant'
import { listWaysAsAdmin } from '#server/routers/trace/ways'
import { router } from '#server/trpc'

/** What a domain admin does in the tenant they belong to; no procedure takes another tenant's id. */
export const consoleRouter = router({
  accounts: router({
    list: listAccountsAsAdmin,
    get: getAccountAsAdmin,
    statistics: accountStatisticsAsAdmin,
    create: createAccountAsAdmin,
    suspend: suspendAccountAsAdmin,
    resume: resumeAccountAsAdmin,
    resetPassword: resetPasswordAsAdmin,
    setRole: setRoleAsAdmin,
    changeProfile: changeProfileAsAdmin,
    terminate: terminateAccountAsAdmin,
    cancelTermination: cancelTerminationAsAdmin,
    audit: listAccountAuditAsAdmin,
  }),
  domains: router({
    list: listDomainsAsAdmin,
    add: addDomainAsAdmin,
    verify: verifyDomainAsAdmin,
    remove: removeDomainAsAdmin,
    dns: readDnsAsAdmin,
    checkDns: checkDnsAsAdmin,
    setMtaSts: setMtaStsAsAdmin,
    rotateDkim: rotateDkimAsAdmin,
    amiss: listAmissAsAdmin,
  }),
  reports: router({ get: getDomainReportsAsAdmin }),
  tenant: router({ get: getOwnTenant, audit: listTenantAuditAsAdmin }),
  retention: router({ get: getTenantRetentionAsAdmin, set: setTenantRetentionAsAdmin }),
  mailPolicy: router({ get: getMailPolicyAsAdmin, set: setMailPolicyAsAdmin }),
  quarantine: router({ overview: quarantineOverviewAsAdmin }),
  senders: router({
    list: listSenderRulesAsAdmin,
    add: addSenderRuleAsAdmin,
    remove: removeSenderRuleAsAdmin,
  }),
  addresses: router({
    list: listAddressesProcedure,
    createAlias: createAliasProcedure,
    removeAlias: removeAliasProcedure,
    setCatchAll: setCatchAllProcedure,
    clearCatchAll: clearCatchAllProcedure,
    group: getGroupProcedure,
    createGroup: createGroupProcedure,
    changeGroup: changeGroupProcedure,
    removeGroup: removeGroupProcedure,
    addMembers: addMembersProcedure,
    removeMember: removeMemberProcedure,
  }),
  trace: router({ list: listWaysAsAdmin }),
  regions: router({ list: listRegionsProcedure }),
  outgoing: router({
    list: listWaitingAsAdmin,
    change: changeQueueAsAdmin,
    suppressed: listSuppressedProcedure,
    unsuppress: unsuppressProcedure,
    state: sendingStateAsAdmin,
    lift: liftFreezeAsAdmin,
  }),
})
