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
import { listAccountAuditAsAdmin } from '#server/routers/audit/list-account-audit'
import { listTenantAuditAsAdmin } from '#server/routers/audit/list-tenant-audit'
import { addDomainAsAdmin } from '#server/routers/domain/add-domain'
import { listDomainsAsAdmin } from '#server/routers/domain/list-domains'
import { removeDomainAsAdmin } from '#server/routers/domain/remove-domain'
import { verifyDomainAsAdmin } from '#server/routers/domain/verify-domain'
import { listRegionsProcedure } from '#server/routers/region/list-regions'
import { getTenantRetentionAsAdmin } from '#server/routers/retention/get-tenant-retention'
import { setTenantRetentionAsAdmin } from '#server/routers/retention/set-tenant-retention'
import { getOwnTenant } from '#server/routers/tenant/get-tenant'
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
  }),
  tenant: router({ get: getOwnTenant, audit: listTenantAuditAsAdmin }),
  retention: router({ get: getTenantRetentionAsAdmin, set: setTenantRetentionAsAdmin }),
  regions: router({ list: listRegionsProcedure }),
})
