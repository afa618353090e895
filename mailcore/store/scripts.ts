import { randomUUID } from 'node:crypto'
import type { Tx } from '#db/client'
import { hasWork, putRule, selectRule } from '#db/mail/queries/delivery-rule'
import { insertFolders, lockMailbox, type MailboxRow, takeUidValidity } from '#db/mail/queries/folder'
import {
  deleteScriptRow,
  insertScript,
  markActive,
  renameScriptRow,
  type ScriptContentRow,
  selectIntakeFolder,
  selectScript,
  selectScripts,
  setIntake,
  updateScript,
} from '#db/mail/queries/script'
import { open, seal } from '#lib/crypto/aead'
import { keyedHash } from '#lib/crypto/hash'
import { Fault } from '#lib/errors'
import { type FolderId, newId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { AccountScripts, Forward, ScriptInfo } from '#mailcore/ports'
import { hashPath, sealPath } from '#mailcore/store/folder-names'
import type { MailSession } from '#mailcore/store/session'
import { failedWaiting, fileWaiting, isKnown, listWaiting, remember } from '#mailcore/store/waiting'

/** The account's Sieve scripts and what waits for them; see ports.AccountScripts. */
export function scriptsOf(s: () => MailSession): AccountScripts {
  return {
    scripts: () => listScripts(s()),
    script: (name) => readScript(s(), name),
    putScript: (name, text) => putScript(s(), name, text),
    activateScript: (name) => activateScript(s(), name),
    deleteScript: (name) => deleteScript(s(), name),
    renameScript: (from, to) => renameScript(s(), from, to),
    activeScript: () => readActive(s()),
    forward: () => readForward(s()),
    setForward: (forward) => setForward(s(), forward),
    waiting: (limit) => listWaiting(s(), limit),
    remembered: (kind, key) => isKnown(s(), kind, key),
    remember: (kind, key, expiresAt) => remember(s(), kind, key, expiresAt),
    fileWaiting: (waiting, into, memories) => fileWaiting(s(), waiting, into, memories),
    failedWaiting: (waiting) => failedWaiting(s(), waiting),
  }
}

const noScript = (): Fault => new Fault('NOT_FOUND', 'There is no script of this name.')
const noMailbox = (): Fault => new Fault('NOT_FOUND', 'There is no such mailbox.')

const contentContext = (s: MailSession, id: string) => ['sieve/v1', s.tenantId, s.accountId, id] as const
const nameContext = (s: MailSession, id: string) => ['sieve-name/v1', s.tenantId, s.accountId, id] as const
const hashName = (s: MailSession, name: string): Buffer => keyedHash(s.keys.nameHashKey, 'script', name)
const openName = (s: MailSession, row: { id: string; nameSealed: Buffer }): string =>
  open(s.keys.nameKey, row.nameSealed, nameContext(s, row.id)).toString()
const openText = (s: MailSession, row: ScriptContentRow): string =>
  open(s.keys.nameKey, row.sealed, contentContext(s, row.id)).toString()

/** A script's name as it is stored: NFC, without controls (RFC 5804 1.6). Throws BAD_REQUEST. */
function canonicalName(name: string): string {
  const canonical = name.normalize('NFC')
  if (
    canonical === '' ||
    /[\p{Cc}\u2028\u2029]/u.test(canonical) ||
    Buffer.byteLength(canonical) > LIMITS.scriptNameBytes
  )
    throw new Fault(
      'BAD_REQUEST',
      `A script's name has 1 to ${LIMITS.scriptNameBytes} bytes and no control characters.`,
    )
  return canonical
}

const byName = (s: MailSession, tx: Tx, name: string) =>
  selectScript(tx, s, { nameHash: hashName(s, name.normalize('NFC')) })

async function listScripts(s: MailSession): Promise<ScriptInfo[]> {
  const rows = await s.db.withTenant(s.tenantId, (tx) => selectScripts(tx, s))
  return rows
    .map((row) => ({ name: openName(s, row), active: row.active, size: row.size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function readScript(s: MailSession, name: string): Promise<string> {
  const row = await s.db.withTenant(s.tenantId, (tx) => byName(s, tx, name))
  if (!row) throw noScript()
  return openText(s, row)
}

async function readActive(s: MailSession): Promise<{ name: string; text: string } | null> {
  const row = await s.db.withTenant(s.tenantId, (tx) => selectScript(tx, s, 'active'))
  return row ? { name: openName(s, row), text: openText(s, row) } : null
}

/** Every change holds the mailbox's lock: ceilings, the one active script and where deliveries go change together or not at all. */
const locked = <R>(s: MailSession, work: (tx: Tx, mailbox: MailboxRow) => Promise<R>): Promise<R> =>
  s.db.withTenant(s.tenantId, async (tx) => {
    const mailbox = await lockMailbox(tx, s)
    if (!mailbox) throw noMailbox()
    return work(tx, mailbox)
  })

async function putScript(s: MailSession, wanted: string, text: string): Promise<void> {
  const name = canonicalName(wanted)
  const plain = Buffer.from(text)
  if (plain.length > LIMITS.scriptBytes)
    throw new Fault('LIMIT', `A script has at most ${LIMITS.scriptBytes / 1024 / 1024} MB.`)
  await locked(s, async (tx) => {
    const known = await byName(s, tx, name)
    const id = known?.id ?? randomUUID()
    const content = { sealed: seal(s.keys.nameKey, plain, contentContext(s, id)), size: plain.length }
    if (known) return updateScript(tx, s, id, content)
    if ((await selectScripts(tx, s)).length >= LIMITS.scriptsPerAccount)
      throw new Fault('LIMIT', `An account has at most ${LIMITS.scriptsPerAccount} scripts.`)
    const nameSealed = seal(s.keys.nameKey, Buffer.from(name), nameContext(s, id))
    await insertScript(tx, s, { id, nameHash: hashName(s, name), nameSealed, ...content })
  })
}

async function activateScript(s: MailSession, name: string | null): Promise<void> {
  await locked(s, async (tx, mailbox) => {
    if (name === null) {
      await markActive(tx, s, null)
      return directDeliveries(tx, s, mailbox)
    }
    const row = await byName(s, tx, name)
    if (!row) throw noScript()
    await markActive(tx, s, row.id)
    await directDeliveries(tx, s, mailbox)
  })
}

/** Deliveries go to the hidden folder while something is to be done with them first. What waits there already is filed by the worker, whatever it finds. */
export async function directDeliveries(tx: Tx, s: MailSession, mailbox: MailboxRow): Promise<void> {
  if (!(await hasWork(tx, s))) return setIntake(tx, s, null)
  await setIntake(tx, s, (await selectIntakeFolder(tx, s)) ?? (await makeIntake(tx, s, mailbox)))
}

const forwardContext = (s: MailSession) => ['forward/v1', s.tenantId, s.accountId] as const

async function readForward(s: MailSession): Promise<Forward | null> {
  const sealed = await s.db.withTenant(s.tenantId, (tx) => selectRule(tx, s, 'forward'))
  return sealed ? (JSON.parse(open(s.keys.nameKey, sealed, forwardContext(s)).toString()) as Forward) : null
}

async function setForward(s: MailSession, forward: Forward | null): Promise<void> {
  const sealed = forward && seal(s.keys.nameKey, Buffer.from(JSON.stringify(forward)), forwardContext(s))
  await locked(s, async (tx, mailbox) => {
    await putRule(tx, s, 'forward', sealed)
    await directDeliveries(tx, s, mailbox)
  })
}

/** The name of the hidden folder: a NUL stands in no name a client can give (see canonicalPath). */
const INTAKE_NAME = '\u0000intake'

async function makeIntake(tx: Tx, s: MailSession, mailbox: MailboxRow): Promise<FolderId> {
  const id = newId<FolderId>()
  const uidValidity = Math.max(mailbox.nextUidValidity, Math.floor(Date.now() / 1000))
  await insertFolders(tx, [
    {
      tenantId: s.tenantId,
      accountId: s.accountId,
      id,
      nameHash: hashPath(s.keys, INTAKE_NAME),
      nameSealed: sealPath(s.keys, s, id, INTAKE_NAME),
      specialUse: 'intake',
      uidValidity,
    },
  ])
  await takeUidValidity(tx, s, uidValidity)
  return id
}

async function deleteScript(s: MailSession, name: string): Promise<void> {
  await locked(s, async (tx) => {
    const row = await byName(s, tx, name)
    if (!row) throw noScript()
    if (row.active) throw new Fault('FORBIDDEN', 'The active script cannot be deleted. Deactivate it first.')
    await deleteScriptRow(tx, s, row.id)
  })
}

async function renameScript(s: MailSession, from: string, wanted: string): Promise<void> {
  const to = canonicalName(wanted)
  await locked(s, async (tx) => {
    const row = await byName(s, tx, from)
    if (!row) throw noScript()
    const taken = await byName(s, tx, to)
    if (taken?.id === row.id) return
    if (taken) throw new Fault('CONFLICT', 'There is a script of this name already.')
    const sealed = seal(s.keys.nameKey, Buffer.from(to), nameContext(s, row.id))
    await renameScriptRow(tx, s, row.id, { hash: hashName(s, to), sealed })
  })
}
