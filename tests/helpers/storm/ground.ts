import { createSocket } from 'node:dgram'
import type { AccountId, RegionId, TenantId } from '#lib/ids'
import type { Instance } from '#tests/helpers/instance'
import type { Person } from './mailboxes'

/** A name server on loopback that knows no name (RFC 1035 RCODE 3): checks of senders find nothing, at once, and nobody outside is asked. */
export async function emptyDns(): Promise<{ address: string; close(): Promise<void> }> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const answer = Buffer.from(query)
    // QR and RA set, RCODE 3; the question goes back as it came.
    answer.writeUInt16BE(0x8183, 2)
    socket.send(answer, from.port, from.address)
  })
  await new Promise<void>((ready) => socket.bind(0, '127.0.0.1', ready))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise((done) => socket.close(() => done())),
  }
}

const PASSWORD = 'granite-Ferry-93-lantern'
/** Command lines at once: each is a process of its own. */
const AT_ONCE = 3

/** People of several tenants, each tenant with a domain of its own; all are read again by the verifier. */
export async function makePeople(instance: Instance, of: { tenants: number; perTenant: number }): Promise<Person[]> {
  const run = async (args: string[], input?: string): Promise<string> => {
    const { code, json, stderr } = await instance.cli(args, input)
    if (code !== 0) throw new Error(`mailtight ${args[0]} ${args[1]}: ${stderr}`)
    return (json as { id: string }).id
  }
  const reseller = await run(['reseller', 'create', '--name', 'Storm'])
  const region = 'eu' as RegionId
  const wanted: { address: string; tenantId: TenantId }[] = []
  for (let n = 0; n < of.tenants; n++) {
    const args = ['--reseller', reseller, '--name', `Storm ${n}`, '--region', region]
    const tenantId = (await run(['tenant', 'create', ...args])) as TenantId
    await run(['domain', 'add', '--tenant', tenantId, '--name', `t${n}.storm.example`, '--verified'])
    for (let m = 0; m < of.perTenant; m++) wanted.push({ address: `p${m}@t${n}.storm.example`, tenantId })
  }
  const people: Person[] = []
  const work = async () => {
    for (let one = wanted.shift(); one; one = wanted.shift()) {
      const args = ['account', 'create', one.address, '--tenant', one.tenantId, '--password-stdin']
      const accountId = (await run(args, `${PASSWORD}\n`)) as AccountId
      people.push({ email: one.address, password: PASSWORD, tenantId: one.tenantId, accountId, region })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return people.toSorted((a, b) => a.email.localeCompare(b.email))
}
