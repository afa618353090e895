import { systemClock } from '#lib/clock'
import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Directory, SignedIn } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { toCrlf } from '#mailcore/proto/crlf'
import { createHalfDone } from './once'
import { mayPost } from './posting'
import { type LocalRecipient, type SubmitPorts, submit } from './submit'

export interface SendInput {
  /** The message as its author wrote it. */
  raw: Buffer
  /** One of the account's own addresses. */
  sender: string
  recipients: readonly string[]
}

type Parts = Omit<SubmitPorts, 'clock' | 'halfDone'> & {
  directory: Pick<Directory, 'resolve' | 'mayUse'>
}

/** Sends what was written in the browser, by the same way as submission; every refusal names the field at fault. */
export function createSend(parts: Parts) {
  const ports: SubmitPorts = { ...parts, clock: systemClock, halfDone: createHalfDone(systemClock) }
  return async (
    account: Pick<SignedIn, 'tenantId' | 'accountId' | 'region'>,
    input: SendInput,
  ): Promise<{ delivered: number; queued: number }> => {
    if (input.recipients.length === 0) throw new Fault('BAD_REQUEST', 'Name at least one recipient.', { field: 'to' })
    if (input.recipients.length > LIMITS.recipientsPerMessage)
      throw new Fault('LIMIT', `A message has at most ${LIMITS.recipientsPerMessage} recipients.`, { field: 'to' })
    if (input.raw.length > LIMITS.messageBytes) throw new Fault('TOO_LARGE', 'The message is larger than 50 MB.')
    const sender = parseAddress(input.sender)
    if (!sender || !(await parts.directory.mayUse(account, sender.address))) {
      throw new Fault('FORBIDDEN', 'You can only send from your own addresses.', {
        field: 'from',
        internal: 'sender not own',
      })
    }
    const { local, remote } = await sortRecipients(parts.directory, account, input.recipients)
    await submit(ports, {
      account,
      sender: sender.address,
      local,
      remote,
      raw: toCrlf(input.raw),
      clientName: '',
    })
    return { delivered: local.length, queued: remote.length }
  }
}

/** Where the recipients go. Throws for one that cannot be reached, before anything is stored. */
async function sortRecipients(
  directory: Parts['directory'],
  account: Pick<SignedIn, 'tenantId' | 'accountId'>,
  recipients: readonly string[],
): Promise<{ local: LocalRecipient[]; remote: string[] }> {
  const addresses = recipients.map((text) => {
    const parsed = parseAddress(text)
    if (!parsed)
      throw new Fault('BAD_REQUEST', `${text.slice(0, 100)} is not an address we can send to.`, {
        field: 'to',
        internal: 'recipient syntax',
      })
    return parsed.address
  })
  const local: LocalRecipient[] = []
  const remote: string[] = []
  for (const [i, resolution] of (await directory.resolve(addresses)).entries()) {
    const address = addresses[i] ?? ''
    switch (resolution.kind) {
      case 'mailbox':
        local.push({ address, mailbox: resolution.mailbox })
        break
      case 'remote':
      case 'handover':
        remote.push(address)
        break
      case 'group':
        if (!mayPost(resolution, account))
          throw new Fault('FORBIDDEN', `${address} does not take mail from you.`, { field: 'to', internal: 'posting' })
        local.push(...resolution.mailboxes.map((mailbox) => ({ address, mailbox })))
        break
      case 'unknown':
        throw new Fault('NOT_FOUND', `There is no mailbox ${address}.`, { field: 'to', internal: 'recipient unknown' })
      case 'suspended':
      case 'full':
        throw new Fault('UNAVAILABLE', `${address} cannot receive mail at the moment. Try again later.`, {
          field: 'to',
          internal: `recipient ${resolution.kind}`,
        })
    }
  }
  return { local, remote }
}
