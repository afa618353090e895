import type { Door } from '../door'
import { serve } from '../refusal'
import { storeOf } from '../sessions'
import type { Handlers, QuotaDone, Session } from '../types'

/** GETQUOTA and GETQUOTAROOT (RFC 2087): one root, "", with STORAGE. */
export function createQuota(door: Door): Pick<Handlers, 'onGetQuota' | 'onGetQuotaRoot'> {
  const answer = (command: string, session: Session, done: QuotaDone, check: () => Promise<boolean>) =>
    serve({ log: door.log, session, command }, async () => ((await check()) ? await storeOf(session).quota() : null), {
      reply: (quota) =>
        done(null, quota ? { root: '', quota: quota.limitBytes, storageUsed: quota.usedBytes } : 'NONEXISTENT'),
      refuse: (code) => done(null, code),
    })
  return {
    onGetQuotaRoot: (path, session, done) =>
      answer('GETQUOTAROOT', session, done, async () => Boolean(await storeOf(session).folder(path))),
    onGetQuota: (root, session, done) => answer('GETQUOTA', session, done, async () => root === ''),
  }
}
