import { accountStatisticsAsReseller } from '#server/routers/account/account-statistics'
import { cancelTerminationAsReseller } from '#server/routers/account/cancel-termination'
import { changeProfileAsReseller } from '#server/routers/account/change-profile'
import { createAccountAsReseller } from '#server/routers/account/create-account'
import { getAccountAsReseller } from '#server/routers/account/get-account'
import { listAccountsAsReseller } from '#server/routers/account/list-accounts'
import { resetPasswordAsReseller } from '#server/routers/account/reset-password'
import { resumeAccountAsReseller } from '#server/routers/account/resume-account'
import { setRoleAsReseller } from '#server/routers/account/set-role'
import { suspendAccountAsReseller } from '#server/routers/account/suspend-account'
import { terminateAccountAsReseller } from '#server/routers/account/terminate-account'
import { listAccountAuditAsReseller } from '#server/routers/audit/list-account-audit'
import { listOwnResellerAudit } from '#server/routers/audit/list-reseller-audit'
import { listTenantAuditAsReseller } from '#server/routers/audit/list-tenant-audit'
import { rotateDkimAsReseller } from '#server/routers/dkim/rotate-dkim'
import { checkDnsAsReseller } from '#server/routers/dns/check-dns'
import { readDnsAsReseller } from '#server/routers/dns/read-dns'
import { addDomainAsReseller } from '#server/routers/domain/add-domain'
import { listDomainsAsReseller } from '#server/routers/domain/list-domains'
import { removeDomainAsReseller } from '#server/routers/domain/remove-domain'
import { setMtaStsAsReseller } from '#server/routers/domain/set-mta-sts'
import { verifyDomainAsReseller } from '#server/routers/domain/verify-domain'
import { listRegionsProcedure } from '#server/routers/region/list-regions'
import { getOwnReseller } from '#server/routers/reseller/get-reseller'
import { getTenantRetentionAsReseller } from '#server/routers/retention/get-tenant-retention'
import { setTenantRetentionAsReseller } from '#server/routers/retention/set-tenant-retention'
import { addSenderRuleAsReseller } from '#server/routers/sender-rule/add-sender-rule'
import { listSenderRulesAsReseller } from '#server/routers/sender-rule/list-sender-rules'
import { removeSenderRuleAsReseller } from '#server/routers/sender-rule/remove-sender-rule'
import { liftFreezeAsReseller, sendingStateAsReseller, setTenantCapAsReseller } from '#server/routers/sending/state'
import { changePasswordAsReseller } from '#server/routers/staff/change-staff-password'
import { createOwnStaff } from '#server/routers/staff/create-staff'
import { listOwnStaff } from '#server/routers/staff/list-staff'
import { ownProfileAsReseller } from '#server/routers/staff/own-staff-profile'
import { ownStatistics } from '#server/routers/statistics/reseller-statistics'
import { createTenantAsReseller } from '#server/routers/tenant/create-tenant'
import { getTenantAsReseller } from '#server/routers/tenant/get-tenant'
import { listOwnTenants } from '#server/routers/tenant/list-tenants'
import { resumeTenantAsReseller } from '#server/routers/tenant/resume-tenant'
import { suspendTenantAsReseller } from '#server/routers/tenant/suspend-tenant'
import { updateTenantAsReseller } from '#server/routers/tenant/update-tenant'
import { listWaysAsReseller } from '#server/routers/trace/ways'
import { router } from '#server/trpc'

/** What a reseller's staff does with the reseller's own tenants. */
export const partnerRouter = router({
  reseller: router({ get: getOwnReseller, statistics: ownStatistics, audit: listOwnResellerAudit }),
  tenants: router({
    list: listOwnTenants,
    get: getTenantAsReseller,
    create: createTenantAsReseller,
    update: updateTenantAsReseller,
    suspend: suspendTenantAsReseller,
    resume: resumeTenantAsReseller,
    audit: listTenantAuditAsReseller,
  }),
  accounts: router({
    list: listAccountsAsReseller,
    get: getAccountAsReseller,
    statistics: accountStatisticsAsReseller,
    create: createAccountAsReseller,
    suspend: suspendAccountAsReseller,
    resume: resumeAccountAsReseller,
    resetPassword: resetPasswordAsReseller,
    setRole: setRoleAsReseller,
    changeProfile: changeProfileAsReseller,
    terminate: terminateAccountAsReseller,
    cancelTermination: cancelTerminationAsReseller,
    audit: listAccountAuditAsReseller,
  }),
  domains: router({
    list: listDomainsAsReseller,
    add: addDomainAsReseller,
    verify: verifyDomainAsReseller,
    remove: removeDomainAsReseller,
    dns: readDnsAsReseller,
    checkDns: checkDnsAsReseller,
    setMtaSts: setMtaStsAsReseller,
    rotateDkim: rotateDkimAsReseller,
  }),
  retention: router({ get: getTenantRetentionAsReseller, set: setTenantRetentionAsReseller }),
  staff: router({
    list: listOwnStaff,
    create: createOwnStaff,
    profile: ownProfileAsReseller,
    changePassword: changePasswordAsReseller,
  }),
  senders: router({
    list: listSenderRulesAsReseller,
    add: addSenderRuleAsReseller,
    remove: removeSenderRuleAsReseller,
  }),
  regions: router({ list: listRegionsProcedure }),
  trace: router({ list: listWaysAsReseller }),
  sending: router({ state: sendingStateAsReseller, lift: liftFreezeAsReseller, setCap: setTenantCapAsReseller }),
})
