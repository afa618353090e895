import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabases } from '#db/client'
import type { AccountId, RegionId, TenantId } from '#lib/ids'
import { silentLog } from '#lib/log'
import { createMailCore, fileKms, readKeyFile } from '#mailcore/api'
import type { Instance, Login } from '#tests/helpers/instance'
import { withImap } from '#tests/helpers/mail-client'
import type { Ledger } from './ledger'
import { type Copy, copyOf } from './verify'

/** Whose mailbox, and where. */
export interface Person extends Login {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
}

/** What everyone sees of their INBOX through IMAP. */
export async function readThroughImap(
  instance: Pick<Instance, 'ports'>,
  people: readonly Login[],
  ledger: Ledger,
): Promise<Copy[]> {
  const copies: Copy[] = []
  for (const person of people) {
    await withImap(instance, person, async (client) => {
      const lock = await client.getMailboxLock('INBOX')
      try {
        await client.noop()
        if (client.mailbox === false || client.mailbox.exists === 0) return
        for await (const { source } of client.fetch('1:*', { source: true }))
          copies.push(copyOf(ledger, person.email, source ?? Buffer.alloc(0)))
      } finally {
        lock.release()
      }
    })
  }
  return copies
}

/** What lies in the store, opened with the keys by this process: no code of IMAP takes part. */
export async function readThroughStore(home: string, people: readonly Person[], ledger: Ledger): Promise<Copy[]> {
  const urls = JSON.parse(readFileSync(join(home, 'secrets', 'addresses.json'), 'utf8')) as Record<string, string>
  const db = openDatabases(urls, { poolMax: 2, name: 'storm' })
  const core = createMailCore({
    db,
    kms: fileKms(join(home, 'keys', 'root.key')),
    lookupKey: readKeyFile(join(home, 'keys', 'lookup.key')),
    log: silentLog,
    hostname: 'storm',
  })
  const copies: Copy[] = []
  try {
    for (const person of people) {
      const store = await core.open(person)
      try {
        const { id } = await store.folder('INBOX')
        const { uids } = await store.view(id)
        for await (const { raw } of store.bodies(id, uids)) copies.push(copyOf(ledger, person.email, raw))
      } finally {
        store.close()
      }
    }
  } finally {
    await db.close()
  }
  return copies
}
