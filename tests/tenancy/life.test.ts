import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS } from '#lib/clock'
import { runJobsOnce } from '#server/jobs/run'
import { SYSTEM } from '#server/services'
import { cancelTermination } from '#server/services/account/cancel-termination'
import { changePassword } from '#server/services/account/change-password'
import { getAccount } from '#server/services/account/get'
import { listAccounts } from '#server/services/account/list'
import { resetPassword } from '#server/services/account/reset-password'
import { resumeAccount } from '#server/services/account/resume'
import { setRetention } from '#server/services/account/set-retention'
import { suspendAccount } from '#server/services/account/suspend'
import { terminateAccount } from '#server/services/account/terminate'
import { listAccountAudit } from '#server/services/audit/list-for-account'
import { createAppPassword } from '#server/services/credential/create-app-password'
import { listAppPasswords } from '#server/services/credential/list'
import { revokeAppPassword } from '#server/services/credential/revoke'
import { exportMbox } from '#server/services/export/mbox'
import { deleteMessages } from '#server/services/mail/delete'
import { listMessages } from '#server/services/mail/list-messages'
import { listRecoverable } from '#server/services/mail/list-recoverable'
import { readAttachment } from '#server/services/mail/read-attachment'
import { readMessage } from '#server/services/mail/read-message'
import { recoverMessages } from '#server/services/mail/recover'
import { sendMessage } from '#server/services/mail/send-message'
import { setFlags } from '#server/services/mail/set-flags'
import { setTenantRetention } from '#server/services/retention/set-tenant-retention'
import { readSession } from '#server/services/session/read-session'
import { signIn } from '#server/services/session/sign-in'
import { startSession } from '#server/services/session/start-session'
import { createStaff } from '#server/services/staff/create'
import { resumeTenant } from '#server/services/tenant/resume'
import { suspendTenant } from '#server/services/tenant/suspend'
import { createWorld, faultOf, PASSWORD, type World } from '#tests/helpers/world'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const house = async () => {
  const { reseller, tenant, domain } = await world.makeHouse()
  const admin = await world.makeAccount(tenant, { address: `admin@${domain}`, role: 'admin', name: 'Ada Min' })
  const anna = await world.makeAccount(tenant, { address: `anna@${domain}`, name: 'Anna Berg' })
  return { reseller, tenant, domain, admin, anna, target: { tenantId: tenant.id, accountId: anna.accountId } }
}
const login = (username: string, password = PASSWORD) => signIn(world.ctx, { username, password, peer: '192.0.2.1' })

describe('an account lives', () => {
  it('signs in at the web and at mail doors, and a wrong password does not', async () => {
    const { anna } = await house()
    const result = await login(anna.address)
    expect(result).toMatchObject({ ok: true, proven: { kind: 'account', accountId: anna.accountId } })
    if (!result.ok) throw new Error('not signed in')
    const { token } = await startSession(world.ctx, result.proven, 'Firefox on Linux')
    expect((await readSession(world.ctx, token))?.actor).toEqual(anna.actor)
    expect(await readSession(world.ctx, 'x'.repeat(43))).toBeNull()
    expect(await login(anna.address, 'something-else-42')).toEqual({ ok: false, reason: 'credentials' })
    const imap = await world.core.directory.signIn({
      username: anna.address,
      password: PASSWORD,
      protocol: 'imap',
      peer: '192.0.2.1',
    })
    expect(imap.ok).toBe(true)
  })

  it('is not shut out by staff with the same address, and neither takes the other’s password', async () => {
    const { reseller, anna } = await house()
    const password = 'amber-Compass-58'
    await createStaff(world.ctx, reseller.actor, { resellerId: reseller.id, email: anna.address, password })
    expect(await login(anna.address)).toMatchObject({ ok: true, proven: { kind: 'account' } })
    expect(await login(anna.address, password)).toMatchObject({ ok: true, proven: { kind: 'staff' } })
    expect(await login(anna.address, 'amber-Compass-59')).toEqual({ ok: false, reason: 'credentials' })
  })

  it('is suspended and resumed with a reason its owner reads, and every session ends', async () => {
    const { admin, anna, target } = await house()
    const result = await login(anna.address)
    if (!result.ok) throw new Error('not signed in')
    const { token } = await startSession(world.ctx, result.proven, 'Firefox')
    expect((await faultOf(suspendAccount(world.ctx, admin.actor, { ...target, reason: ' ' }))).field).toBe('reason')
    await suspendAccount(world.ctx, admin.actor, { ...target, reason: 'lost telephone' })
    expect(await readSession(world.ctx, token)).toBeNull()
    expect(await login(anna.address)).toEqual({ ok: false, reason: 'suspended' })
    await resumeAccount(world.ctx, admin.actor, { ...target, reason: 'found again' })
    expect((await login(anna.address)).ok).toBe(true)
    // The session from before stays ended.
    expect(await readSession(world.ctx, token)).toBeNull()
    const { items } = await listAccountAudit(world.ctx, anna.actor, target)
    expect(items.map(({ action, reason, actor }) => [action, reason, actor.name])).toEqual(
      expect.arrayContaining([
        ['account.suspend', 'lost telephone', 'Ada Min'],
        ['account.resume', 'found again', 'Ada Min'],
      ]),
    )
  })

  it('changes its password, has it reset, and makes and loses app passwords', async () => {
    const { admin, anna, target } = await house()
    const wrong = await faultOf(
      changePassword(world.ctx, anna.actor, { ...target, current: 'no', password: 'copper-Lantern-77' }),
    )
    expect(wrong.field).toBe('current')
    for (const weak of ['short', 'password1234', 'P@ssw0rd123!', 'abcabcabcabcabc', `${anna.address}x`]) {
      expect(
        (await faultOf(changePassword(world.ctx, anna.actor, { ...target, current: PASSWORD, password: weak }))).field,
      ).toBe('password')
    }
    await changePassword(world.ctx, anna.actor, { ...target, current: PASSWORD, password: 'copper-Lantern-77' })
    expect((await login(anna.address)).ok).toBe(false)
    expect((await login(anna.address, 'copper-Lantern-77')).ok).toBe(true)
    const made = await createAppPassword(world.ctx, anna.actor, { ...target, label: 'Telephone' })
    expect(await listAppPasswords(world.ctx, anna.actor, target)).toMatchObject([{ id: made.id, label: 'Telephone' }])
    const door = (protocol: 'imap' | 'web') =>
      world.core.directory.signIn({ username: anna.address, password: made.password, protocol, peer: '192.0.2.1' })
    expect((await door('imap')).ok).toBe(true)
    expect((await door('web')).ok).toBe(false)
    await revokeAppPassword(world.ctx, anna.actor, { ...target, credentialId: made.id })
    expect((await door('imap')).ok).toBe(false)
    await resetPassword(world.ctx, admin.actor, { ...target, password: 'silver-Meadow-19', reason: 'forgotten' })
    expect((await login(anna.address, 'silver-Meadow-19')).ok).toBe(true)
  })

  it('sends, reads, deletes, recovers and exports mail', async () => {
    const { admin, anna, target } = await house()
    const to = { tenantId: admin.tenantId, accountId: admin.accountId }
    const sent = await sendMessage(world.ctx, anna.actor, {
      ...target,
      to: [`Ada <${admin.address}>`],
      bcc: [anna.address],
      subject: 'Grüße\r\nBcc: evil@example.org',
      text: 'From here on\nall is well',
      attachments: [{ filename: 'plan.txt', mimeType: 'text/plain', content: Buffer.from('the plan') }],
    })
    expect(sent).toEqual({ delivered: 2, queued: 0, saved: true })
    const inbox = await listMessages(world.ctx, admin.actor, { ...to, folder: 'INBOX' })
    expect(inbox.items).toMatchObject([{ subject: 'Grüße Bcc: evil@example.org', seen: false, hasAttachment: true }])
    const uid = inbox.items[0]?.uid ?? 0
    const view = await readMessage(world.ctx, admin.actor, { ...to, folder: 'INBOX', uid })
    expect(view).toMatchObject({
      from: { name: 'Anna Berg', address: anna.address },
      bcc: [],
      attachments: [{ filename: 'plan.txt', size: 8 }],
    })
    const file = await readAttachment(world.ctx, admin.actor, { ...to, folder: 'INBOX', uid, index: 0 })
    expect(file.content.toString()).toBe('the plan')
    const copy = await listMessages(world.ctx, anna.actor, { ...target, folder: 'Sent' })
    expect(copy.items).toMatchObject([{ seen: true }])
    await setFlags(world.ctx, admin.actor, {
      ...to,
      folder: 'INBOX',
      uids: [uid],
      marks: { seen: true, flagged: true },
    })
    expect((await listMessages(world.ctx, admin.actor, { ...to, folder: 'INBOX' })).items).toMatchObject([
      { seen: true, flagged: true },
    ])
    const out = await exportMbox(world.ctx, anna.actor, target)
    const chunks: Buffer[] = []
    for await (const chunk of out.all()) chunks.push(chunk)
    out.close()
    const text = Buffer.concat(chunks).toString()
    expect(text.match(/^From MAILER-DAEMON /gm)).toHaveLength(2)
    expect(text).toContain('\n>From here on\n')
    expect(await deleteMessages(world.ctx, admin.actor, { ...to, folder: 'INBOX', uids: [uid] })).toEqual({
      trashed: 1,
      deleted: 0,
    })
    const trash = await listMessages(world.ctx, admin.actor, { ...to, folder: 'Trash' })
    const uids = trash.items.map((item) => item.uid)
    expect(await deleteMessages(world.ctx, admin.actor, { ...to, folder: 'Trash', uids })).toEqual({
      trashed: 0,
      deleted: 1,
    })
    const gone = await listRecoverable(world.ctx, admin.actor, to)
    expect(gone.items).toMatchObject([{ subject: 'Grüße Bcc: evil@example.org' }])
    await recoverMessages(world.ctx, admin.actor, { ...to, emailIds: gone.items.map((item) => item.emailId) })
    expect((await listMessages(world.ctx, admin.actor, { ...to, folder: 'INBOX' })).items).toHaveLength(1)
  })

  it('chooses how long deleted mail stays, up to what its organisation allows', async () => {
    const { admin, tenant, anna, target } = await house()
    expect((await faultOf(setRetention(world.ctx, anna.actor, { ...target, recoverDays: 31 }))).field).toBe(
      'recoverDays',
    )
    await setRetention(world.ctx, anna.actor, { ...target, recoverDays: 10 })
    await setTenantRetention(world.ctx, admin.actor, { tenantId: tenant.id, recoverDays: 3 })
    expect((await getAccount(world.ctx, anna.actor, target)).recoverDays).toBe(3)
  })

  it('is closed with a grace, brought back, and erased with a receipt', async () => {
    const { admin, tenant, anna, target, domain } = await house()
    await terminateAccount(world.ctx, anna.actor, target)
    expect(await login(anna.address)).toEqual({ ok: false, reason: 'suspended' })
    await cancelTermination(world.ctx, admin.actor, { ...target, reason: 'she asked' })
    expect((await login(anna.address)).ok).toBe(true)
    const end = await terminateAccount(world.ctx, admin.actor, { ...target, reason: 'contract over', now: true })
    expect(end).toMatchObject({ state: 'closed', receipt: { accountId: anna.accountId, messages: 0 } })
    if (end.state === 'closed') expect(end.receipt.keyRowsDestroyed).toBeGreaterThanOrEqual(2)
    expect((await login(anna.address)).ok).toBe(false)
    expect((await faultOf(getAccount(world.ctx, admin.actor, target))).code).toBe('NOT_FOUND')
    expect((await faultOf(world.core.keys.mailboxKeys(tenant.id, anna.accountId))).code).toBe('NOT_FOUND')
    const again = await faultOf(world.makeAccount(tenant, { address: anna.address }))
    expect(again).toMatchObject({ code: 'CONFLICT', field: 'address' })
    const people = await listAccounts(world.ctx, admin.actor, { tenantId: tenant.id, search: domain })
    expect(people.items.map((person) => person.address)).toEqual([admin.address])
  })

  it('is erased by the worker when its grace is over', async () => {
    const { anna, target } = await house()
    await terminateAccount(world.ctx, anna.actor, target)
    await runJobsOnce(world.ctx)
    expect((await faultOf(cancelTermination(world.ctx, anna.actor, target))).code).toBe('FORBIDDEN')
    world.clock.advance(14 * DAY_MS + MINUTE_MS)
    await runJobsOnce(world.ctx)
    expect((await faultOf(getAccount(world.ctx, SYSTEM, target))).code).toBe('NOT_FOUND')
  })

  it('is shut out and let in with its tenant', async () => {
    const { reseller, tenant, anna, target } = await house()
    await suspendTenant(world.ctx, reseller.actor, { tenantId: tenant.id, reason: 'unpaid' })
    expect(await login(anna.address)).toEqual({ ok: false, reason: 'suspended' })
    await resumeTenant(world.ctx, reseller.actor, { tenantId: tenant.id, reason: 'paid' })
    expect((await login(anna.address)).ok).toBe(true)
    const { items } = await listAccountAudit(world.ctx, anna.actor, target)
    expect(items.map((item) => item.reason)).toEqual(expect.arrayContaining(['unpaid', 'paid']))
  })
})
