import { accountStatisticsAsOperator } from '#server/routers/account/account-statistics'
import { cancelTerminationAsOperator } from '#server/routers/account/cancel-termination'
import { changeProfileAsOperator } from '#server/routers/account/change-profile'
import { createAccountAsOperator } from '#server/routers/account/create-account'
import { getAccountAsOperator } from '#server/routers/account/get-account'
import { listAccountsAsOperator } from '#server/routers/account/list-accounts'
import { resetPasswordAsOperator } from '#server/routers/account/reset-password'
import { resumeAccountAsOperator } from '#server/routers/account/resume-account'
import { setRoleAsOperator } from '#server/routers/account/set-role'
import { suspendAccountAsOperator } from '#server/routers/account/suspend-account'
import { terminateAccountAsOperator } from '#server/routers/account/terminate-account'
import { listAccountAuditAsOperator } from '#server/routers/audit/list-account-audit'
import { listHouseAuditProcedure } from '#server/routers/audit/list-house-audit'
import { listResellerAuditAsOperator } from '#server/routers/audit/list-reseller-audit'
import { listTenantAuditAsOperator } from '#server/routers/audit/list-tenant-audit'
import { rotateDkimAsOperator } from '#server/routers/dkim/rotate-dkim'
import { checkDnsAsOperator } from '#server/routers/dns/check-dns'
import { readDnsAsOperator } from '#server/routers/dns/read-dns'
import { addDomainAsOperator } from '#server/routers/domain/add-domain'
import { listDomainsAsOperator } from '#server/routers/domain/list-domains'
import { removeDomainAsOperator } from '#server/routers/domain/remove-domain'
import { setMtaStsAsOperator } from '#server/routers/domain/set-mta-sts'
import { verifyDomainAsOperator } from '#server/routers/domain/verify-domain'
import { listPromisesProcedure } from '#server/routers/promise/list-promises'
import { changeQueueAsOperator } from '#server/routers/queue/change-queue'
import { listWaitingAsOperator, queueOverviewProcedure } from '#server/routers/queue/list-waiting'
import { listRegionsProcedure } from '#server/routers/region/list-regions'
import { createResellerProcedure } from '#server/routers/reseller/create-reseller'
import { getResellerAsOperator } from '#server/routers/reseller/get-reseller'
import { listResellersProcedure } from '#server/routers/reseller/list-resellers'
import { resumeResellerAsOperator } from '#server/routers/reseller/resume-reseller'
import { suspendResellerAsOperator } from '#server/routers/reseller/suspend-reseller'
import { addSenderRuleAsOperator } from '#server/routers/sender-rule/add-sender-rule'
import { listSenderRulesAsOperator } from '#server/routers/sender-rule/list-sender-rules'
import { removeSenderRuleAsOperator } from '#server/routers/sender-rule/remove-sender-rule'
import { givePoolProcedure, listPoolsProcedure, setPoolProcedure } from '#server/routers/sending/pools'
import { liftFreezeAsOperator, sendingStateAsOperator, setTenantCapAsOperator } from '#server/routers/sending/state'
import { changePasswordAsOperator } from '#server/routers/staff/change-staff-password'
import { createStaffAsOperator } from '#server/routers/staff/create-staff'
import { listStaffAsOperator } from '#server/routers/staff/list-staff'
import { ownProfileAsOperator } from '#server/routers/staff/own-staff-profile'
import { resellerStatisticsAsOperator } from '#server/routers/statistics/reseller-statistics'
import { systemStatusProcedure } from '#server/routers/system/system-status'
import { createTenantAsOperator } from '#server/routers/tenant/create-tenant'
import { getTenantAsOperator } from '#server/routers/tenant/get-tenant'
import { listTenantsAsOperator } from '#server/routers/tenant/list-tenants'
import { resumeTenantAsOperator } from '#server/routers/tenant/resume-tenant'
import { suspendTenantAsOperator } from '#server/routers/tenant/suspend-tenant'
import { updateTenantAsOperator } from '#server/routers/tenant/update-tenant'
import { listWaysAsOperator } from '#server/routers/trace/ways'
import { router } from '#server/trpc'

/** What the operator's staff does with the house. */
export const operatorRouter = router({
  resellers: router({
    list: listResellersProcedure,
    get: getResellerAsOperator,
    create: createResellerProcedure,
    suspend: suspendResellerAsOperator,
    resume: resumeResellerAsOperator,
    statistics: resellerStatisticsAsOperator,
    audit: listResellerAuditAsOperator,
  }),
  tenants: router({
    list: listTenantsAsOperator,
    get: getTenantAsOperator,
    create: createTenantAsOperator,
    update: updateTenantAsOperator,
    suspend: suspendTenantAsOperator,
    resume: resumeTenantAsOperator,
    audit: listTenantAuditAsOperator,
  }),
  accounts: router({
    list: listAccountsAsOperator,
    get: getAccountAsOperator,
    statistics: accountStatisticsAsOperator,
    create: createAccountAsOperator,
    suspend: suspendAccountAsOperator,
    resume: resumeAccountAsOperator,
    resetPassword: resetPasswordAsOperator,
    setRole: setRoleAsOperator,
    changeProfile: changeProfileAsOperator,
    terminate: terminateAccountAsOperator,
    cancelTermination: cancelTerminationAsOperator,
    audit: listAccountAuditAsOperator,
  }),
  domains: router({
    list: listDomainsAsOperator,
    add: addDomainAsOperator,
    verify: verifyDomainAsOperator,
    remove: removeDomainAsOperator,
    dns: readDnsAsOperator,
    checkDns: checkDnsAsOperator,
    setMtaSts: setMtaStsAsOperator,
    rotateDkim: rotateDkimAsOperator,
  }),
  staff: router({
    list: listStaffAsOperator,
    create: createStaffAsOperator,
    profile: ownProfileAsOperator,
    changePassword: changePasswordAsOperator,
  }),
  system: router({ status: systemStatusProcedure }),
  promises: router({ list: listPromisesProcedure }),
  senders: router({
    list: listSenderRulesAsOperator,
    add: addSenderRuleAsOperator,
    remove: removeSenderRuleAsOperator,
  }),
  regions: router({ list: listRegionsProcedure }),
  queue: router({ overview: queueOverviewProcedure, list: listWaitingAsOperator, change: changeQueueAsOperator }),
  trace: router({ list: listWaysAsOperator }),
  sending: router({ state: sendingStateAsOperator, lift: liftFreezeAsOperator, setCap: setTenantCapAsOperator }),
  pools: router({ list: listPoolsProcedure, set: setPoolProcedure, give: givePoolProcedure }),
  audit: router({ list: listHouseAuditProcedure }),
})
